<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\ItemRole;
use PHPUnit\Framework\TestCase;

class ItemRoleTest extends TestCase
{
    /** @dataProvider orderKinds */
    public function testEachItemOfAnOrderHasItsRole(array $items, array $roles): void
    {
        self::assertSame($roles, ItemRole::ofAll($items));
    }

    public static function orderKinds(): array
    {
        $aDozen = array_map(static fn (int $id): array => self::item($id, null, 'simple'), range(1, 12));
        $alone = static fn (string $type): array => [self::item(1, null, $type)];
        return [
            'simple' => [$alone('simple'), [1 => 'both']],
            'virtual' => [$alone('virtual'), [1 => 'both']],
            'downloadable' => [$alone('downloadable'), [1 => 'both']],
            'grouped: its members are rows of their own' => [
                [self::item(1, null, 'grouped'), self::item(2, null, 'grouped')],
                [1 => 'both', 2 => 'both'],
            ],
            'many of one kind' => [$aDozen, array_fill(1, 12, 'both')],
            'configurable' => [
                [self::item(1, null, 'configurable', 1), self::item(2, 1, 'simple')],
                [1 => 'money', 2 => 'stock'],
            ],
            'configurable whose options say nothing' => [
                [self::item(1, null, 'configurable'), self::item(2, 1, 'simple')],
                [1 => 'money', 2 => 'stock'],
            ],
            'bundle with a fixed price' => [
                [self::item(1, null, 'bundle', 1), self::item(2, 1, 'simple'), self::item(3, 1, 'simple')],
                [1 => 'money', 2 => 'stock', 3 => 'stock'],
            ],
            'bundle with a dynamic price' => [
                [self::item(1, null, 'bundle', 0), self::item(2, 1, 'simple'), self::item(3, 1, 'simple')],
                [1 => 'none', 2 => 'both', 3 => 'both'],
            ],
            'dynamic bundle whose option came as text' => [
                [self::item(1, null, 'bundle', '0'), self::item(2, 1, 'simple')],
                [1 => 'none', 2 => 'both'],
            ],
            'all in one cart, children before parents' => [
                [
                    self::item(6, 5, 'simple'),
                    self::item(4, 3, 'simple'),
                    self::item(3, null, 'configurable', 1),
                    self::item(5, null, 'bundle', 0),
                    self::item(7, null, 'simple'),
                ],
                [6 => 'both', 4 => 'stock', 3 => 'money', 5 => 'none', 7 => 'both'],
            ],
            'a child without its parent stands for itself' => [[self::item(2, 99, 'simple')], [2 => 'both']],
        ];
    }

    private static function item(int $id, ?int $parent, string $type, int|string|null $calculations = null): array
    {
        return [
            'item_id' => $id,
            'product_type' => $type,
            'product_options' => $calculations === null ? null : ['product_calculations' => $calculations],
        ] + ($parent === null ? [] : ['parent_item_id' => $parent]);
    }
}
