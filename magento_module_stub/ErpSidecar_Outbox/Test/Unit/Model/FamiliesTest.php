<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Model\Families;
use PHPUnit\Framework\TestCase;

class FamiliesTest extends TestCase
{
    private const CONFIG = __DIR__ . '/../../../etc/config.xml';

    public function testEveryFamilyIsOnUntilItIsSwitchedOff(): void
    {
        self::assertSame([], (new Families(new \StandinConfig(self::CONFIG)))->off());
    }

    public function testAFamilyIsSwitchedOffAlone(): void
    {
        $families = new Families(new \StandinConfig(self::CONFIG, ['erp_sidecar_outbox/families/catalog' => '0']));
        self::assertSame(['catalog'], $families->off());
        self::assertFalse($families->isOn(Families::CATALOG));
        self::assertTrue($families->isOn(Families::SALES));
    }
}
