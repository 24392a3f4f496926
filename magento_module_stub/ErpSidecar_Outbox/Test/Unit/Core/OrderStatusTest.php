<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\OrderStatus;
use PHPUnit\Framework\TestCase;

class OrderStatusTest extends TestCase
{
    public function testTheStandardStatusesAreTenAndNoneIsNamedTwice(): void
    {
        $codes = array_map(static fn (OrderStatus $status): string => $status->code, OrderStatus::standard());

        self::assertCount(10, $codes);
        self::assertSame($codes, array_values(array_unique($codes)));
    }

    /** @dataProvider wrong */
    public function testWhatTheTablesWouldCutOrRefuseIsRefusedInASentence(
        string $code,
        string $label,
        array $states,
        string $words
    ): void {
        $this->expectException(\InvalidArgumentException::class);
        $this->expectExceptionMessage($words);

        new OrderStatus($code, $label, $states);
    }

    public static function wrong(): array
    {
        return [
            'a code of 33 characters' => [str_repeat('a', 33), 'A', ['new'], 'up to 32 of a-z, 0-9 and _'],
            'a code with a line at its end' => ["erp_ready\n", 'A', ['new'], 'up to 32 of a-z, 0-9 and _'],
            'no label' => ['erp_ready', ' ', ['new'], 'The label must have from 1 to 128 characters.'],
            'a label of 129 characters' => ['erp_ready', str_repeat('ä', 129), ['new'], 'from 1 to 128 characters'],
            'no state' => ['erp_ready', 'A', [], 'Name at least one state of new, pending_payment'],
            'a state that is none' => ['erp_ready', 'A', ['new', 'shipped'], "No state is called 'shipped'; there are"],
        ];
    }

    public function testALabelMayBeAsLongAsTheColumn(): void
    {
        self::assertSame(['new'], (new OrderStatus('erp_ready', str_repeat('ä', 128), ['new']))->states);
    }
}
