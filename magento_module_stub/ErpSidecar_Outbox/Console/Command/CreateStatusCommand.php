<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Console\Command;

use ErpSidecar\Outbox\Core\OrderStatus;
use ErpSidecar\Outbox\Model\OrderStatuses;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputArgument;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * bin/magento erp-sidecar:statuses:create CODE LABEL STATE...: a status that the sidecar's blueprint names.
 *
 * Exit code 0: it is there, and assigned to each state. 1: an argument is wrong, and nothing was changed.
 */
class CreateStatusCommand extends Command
{
    private const CODE = 'code';
    private const LABEL = 'label';
    private const STATES = 'state';

    public function __construct(private readonly OrderStatuses $statuses)
    {
        parent::__construct();
    }

    protected function configure(): void
    {
        $this->setName('erp-sidecar:statuses:create');
        $this->setDescription('Creates an order status for the ERP and assigns it to states; changes nothing else');
        $this->addArgument(self::CODE, InputArgument::REQUIRED, 'The code that the blueprint names');
        $this->addArgument(self::LABEL, InputArgument::REQUIRED, 'What the order list shows');
        $this->addArgument(
            self::STATES,
            InputArgument::REQUIRED | InputArgument::IS_ARRAY,
            'The states of an order that it may stand in: ' . implode(', ', OrderStatus::STATES)
        );
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        try {
            $status = new OrderStatus(
                (string) $input->getArgument(self::CODE),
                (string) $input->getArgument(self::LABEL),
                (array) $input->getArgument(self::STATES)
            );
        } catch (\InvalidArgumentException $error) {
            $output->writeln($error->getMessage());
            return 1;
        }
        $added = $this->statuses->add($status);
        $output->writeln($added === [] ? 'Nothing to add: it is there.' : 'Added: ' . implode(', ', $added) . '.');
        return 0;
    }
}
