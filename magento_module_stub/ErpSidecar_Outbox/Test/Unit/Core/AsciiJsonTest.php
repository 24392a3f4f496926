<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Core;

use ErpSidecar\Outbox\Core\AsciiJson;
use ErpSidecar\Outbox\Core\UnbuildablePayload;
use PHPUnit\Framework\TestCase;

class AsciiJsonTest extends TestCase
{
    public function testQuotesUmlautsAndEmojiBecomeAsciiAndReadBackUnchanged(): void
    {
        $names = ['name' => "O'Neil \"JJ\" Müller 日本 🚚\u{2028}"];
        $json = AsciiJson::encode($names);
        self::assertSame(1, preg_match('/^[\x20-\x7e]+$/D', $json));
        self::assertSame($names, json_decode($json, true));
    }

    public function testKeysKeepTheOrderTheyAreGivenIn(): void
    {
        $value = ['b' => 1, 'a' => ['d' => null, 'c' => '/']];
        self::assertSame('{"b":1,"a":{"d":null,"c":"/"}}', AsciiJson::encode($value));
    }

    /** @dataProvider placesOfAFloat */
    public function testAFloatIsRefusedWhereverItHides(array $value, string $place): void
    {
        $this->expectException(UnbuildablePayload::class);
        $this->expectExceptionMessage("A float was found at $place;");
        AsciiJson::encode($value);
    }

    public static function placesOfAFloat(): array
    {
        return [
            'on top' => [['total' => 1.5], 'total'],
            'deep' => [['items' => [['sku' => 'A'], ['price' => 0.1]]], 'items.1.price'],
            'behind an object' => [['extra' => (object) ['weight' => 2.0]], 'extra.weight'],
        ];
    }

    public function testTextThatIsNotUtf8IsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        AsciiJson::encode(['name' => "M\xfcller"]);
    }

    public function testAnObjectThatIsNoPlainDataIsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        AsciiJson::encode(['created_at' => new \DateTimeImmutable()]);
    }

    public function testDecodingKeepsEachDigitOfAFraction(): void
    {
        self::assertSame(
            [
                'price' => '4.9950',
                'qty' => 2,
                'tiny' => '1e-7',
                'note' => 'pay 1.50 \\ "now"',
                'n' => -3,
                'f' => '-0.5',
            ],
            AsciiJson::decode('{"price":4.9950,"qty":2,"tiny":1e-7,"note":"pay 1.50 \\\\ \"now\"","n":-3,"f":-0.5}')
        );
    }

    /** @dataProvider fractions */
    public function testAFractionIsToldFromDigitsInATextAndFromAWholeNumber(string $json, mixed $decoded): void
    {
        self::assertSame($decoded, AsciiJson::decode($json));
    }

    public static function fractions(): array
    {
        return [
            'alone' => ['1.50', '1.50'],
            'both' => ['[-1.25E+10,0]', ['-1.25E+10', 0]],
            'an exponent alone' => ['[2e5]', ['2e5']],
            'in a key' => ['{"1.5":1.5}', ['1.5' => '1.5']],
            'beside escaped quotes' => ['["\\"1.5\\"",1.5,"\\\\"]', ['"1.5"', '1.5', '\\']],
            'none' => ['["v1.2e3",12,true,null]', ['v1.2e3', 12, true, null]],
        ];
    }

    public function testDecodingKeepsAWholeNumberBeyond64Bits(): void
    {
        self::assertSame(['id' => '92233720368547758079'], AsciiJson::decode('{"id":92233720368547758079}'));
    }

    public function testTextThatIsNoJsonIsRefused(): void
    {
        $this->expectException(UnbuildablePayload::class);
        AsciiJson::decode('a:1:{s:3:"qty";i:1;}');
    }

    public function testAFloatInDecodedDataBecomesItsShortestText(): void
    {
        self::assertSame(
            ['price' => '4.995', 'options' => ['0.1', 3]],
            AsciiJson::withoutFloats(['price' => 4.995, 'options' => [0.1, 3]])
        );
    }
}
