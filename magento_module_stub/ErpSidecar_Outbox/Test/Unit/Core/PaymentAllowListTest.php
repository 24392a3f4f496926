<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\PaymentAllowList;
use PHPUnit\Framework\TestCase;

class PaymentAllowListTest extends TestCase
{
    public function testOnlyNamedAndPlainValuesLeaveTheShop(): void
    {
        $information = [
            'method_title' => 'Check',
            'cc_token' => 'tok_secret',
            'instructions' => null,
            'payable_to' => ['nested' => 'secret'],
        ];
        self::assertSame(
            ['method_title' => 'Check', 'instructions' => null],
            (new PaymentAllowList())->filter($information)
        );
    }

    public function testAShopMayNameItsOwnKeys(): void
    {
        $allowList = new PaymentAllowList(['iban' => 'iban_last_four']);
        self::assertSame(
            ['iban_last_four' => '1234'],
            $allowList->filter(['iban_last_four' => '1234', 'iban' => 'secret', 'method_title' => 'Debit'])
        );
    }
}
