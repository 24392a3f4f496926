<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Console\Command;

use ErpSidecar\Outbox\Model\Status\OutboxStatus;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Input\InputOption;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * bin/magento erp-sidecar:outbox:status: whether events are written and read, and what to do if not.
 *
 * Exit code 0: events are written. 1: the outbox table is missing.
 */
class OutboxStatusCommand extends Command
{
    private const JSON = 'json';

    public function __construct(private readonly OutboxStatus $status)
    {
        parent::__construct();
    }

    protected function configure(): void
    {
        $this->setName('erp-sidecar:outbox:status');
        $this->setDescription('Tells whether events for the ERP are written and read, and what to do if not');
        $this->addOption(self::JSON, null, InputOption::VALUE_NONE, 'Print JSON');
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        $report = $this->status->report();
        $output->writeln(
            $input->getOption(self::JSON)
                ? json_encode($report, JSON_THROW_ON_ERROR | JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES)
                : self::lines($report)
        );
        return $report['is_ready'] ? 0 : 1;
    }

    /**
     * @param array<string, mixed> $report
     * @return list<string>
     */
    private static function lines(array $report): array
    {
        $lines = ["ErpSidecar_Outbox {$report['module_version']}"];
        foreach ($report['connections'] as $connection) {
            $lines[] = "  resource {$connection['resource']}: {$connection['table']} "
                . ($connection['exists'] ? 'is there' : 'is MISSING')
                . ($connection['is_sales_connection'] ? '' : ' (split database)');
        }
        if ($report['is_ready']) {
            $lines[] = $report['events']['last_id'] === null
                ? '  no events yet'
                : "  events {$report['events']['first_id']} to {$report['events']['last_id']}, "
                    . "the newest at {$report['events']['last_at']}";
        }
        foreach ($report['destinations'] as $destination) {
            $lines[] = "  {$destination['destination']} ({$destination['stream']}): {$destination['unread']} unread"
                . self::counted($destination['unfinished']);
        }
        $lines[] = '  families that are off: ' . (implode(', ', $report['families_off']) ?: 'none');
        $lines[] = '  exported of products: ' . (implode(', ', $report['product_attributes']) ?: 'nothing');
        $lines[] = "  longest payload: {$report['payload_limit_bytes']} bytes "
            . "(max_allowed_packet {$report['max_allowed_packet']})";
        return [...$lines, ...$report['what_to_do']];
    }

    /** @param array<string, int> $states */
    private static function counted(array $states): string
    {
        $words = '';
        foreach ($states as $state => $events) {
            $words .= ", $events $state";
        }
        return $words;
    }
}
