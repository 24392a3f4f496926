<?php

declare(strict_types=1);

namespace ErpSidecar\OutboxInventory\Test\Unit\Model;

use ErpSidecar\OutboxInventory\Model\SourceItemKeys;
use Magento\Inventory\Model\SourceItem;
use PHPUnit\Framework\TestCase;

class SourceItemKeysTest extends TestCase
{
    public function testKeysAreGroupedBySourceAndEachIsNamedOnce(): void
    {
        $keys = SourceItemKeys::of([
            new SourceItem('west', 'A'),
            new SourceItem('east', 'A'),
            new SourceItem('west', 'B'),
            new SourceItem('west', 'A'),
        ]);

        self::assertSame([['west', ['A', 'B']], ['east', ['A']]], $keys->bySource());
    }

    public function testNumbersStayTexts(): void
    {
        self::assertSame([['7', ['0123', '123']]], SourceItemKeys::ofEach(['0123', 123], [7])->bySource());
    }
}
