<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * One store view: whom it sells to, in which currencies, with which taxes, from which warehouses.
 */
class Market
{
    /**
     * @param string $baseCurrency what the books are kept in
     * @param string $currency what the customer pays
     * @param int $rate from base to the customer's currency, in ten-thousandths
     * @param bool $pricesIncludeTax as in European shops; discounts then hold tax too
     * @param array<string, list<array{0: string, 1: int}>> $taxes tax class => rules (name, percent); a second
     *     rule is compound: it also taxes the first one's tax
     * @param list<string> $sources warehouses, the preferred one first
     * @param list<array<string, string>> $customers names and addresses to draw from
     */
    public function __construct(
        public readonly int $storeId,
        public readonly string $storeName,
        public readonly string $baseCurrency,
        public readonly string $currency,
        public readonly int $rate,
        public readonly bool $pricesIncludeTax,
        public readonly array $taxes,
        public readonly array $sources,
        public readonly array $customers,
    ) {
    }

    /** @return array<string, self> by the names that stories use */
    public static function all(): array
    {
        $california = ['goods' => [['US-CA', Amount::of('8.25')]], 'books' => [['US-CA', Amount::of('8.25')]]];
        $newYork = [['US-NY state', Amount::of('4')], ['US-NY city', Amount::of('4.5')]];
        $germany = ['goods' => [['DE 19', Amount::of('19')]], 'books' => [['DE 7 ermäßigt', Amount::of('7')]]];
        $us = ["Main Website\nMain Store\nEnglish", 'USD', 'USD', Amount::ONE, false];
        $de = ["EU Website – Größe\nEU Store\nDeutsch", 'EUR', 'EUR', Amount::ONE, true];
        $usd = ["EU Website – Größe\nEU Store\nEnglish (USD)", 'EUR', 'USD', Amount::of('1.0837'), true];
        return [
            'us' => new self(1, ...$us, taxes: $california, sources: ['west', 'east'], customers: [
                self::person('Jane', 'O\'Neil "JJ"', "1 Example St\nApt 2", 'Los Angeles', '90001', 'US', 'California'),
                self::person('Ada', 'Example', '22 Sample Ave', 'San Diego', '92101', 'US', 'California'),
            ]),
            'ny' => new self(
                1,
                ...$us,
                taxes: ['goods' => $newYork, 'books' => $newYork],
                sources: ['east'],
                customers: [self::person('Sam', 'Placeholder', '5 Test Plaza', 'New York', '10001', 'US', 'New York')]
            ),
            'de' => new self(2, ...$de, taxes: $germany, sources: ['eu-hub', 'east'], customers: [
                self::person('Jürgen', 'Müßiggang', "Straße des Beispiels 1\nHinterhof", 'Köln', '50667', 'DE', ''),
                self::person('Zażółć', 'Gęślą', 'ul. Przykładowa 7/3', 'Łódź', '90-001', 'PL', ''),
            ]),
            'eu_usd' => new self(3, ...$usd, taxes: $germany, sources: ['eu-hub'], customers: [
                self::person('Éloïse', 'Façade', '3 rue de l’Exemple', 'Besançon', '25000', 'FR', ''),
            ]),
            'jp' => new self(3, ...$usd, taxes: ['goods' => [], 'books' => []], sources: ['eu-hub'], customers: [
                self::person('例', '日本', '見本町 1-2-3', '東京', '100-0001', 'JP', '東京都'),
            ]),
        ];
    }

    /** @return array<string, string> */
    private static function person(
        string $first,
        string $last,
        string $street,
        string $city,
        string $postcode,
        string $country,
        string $region
    ): array {
        return [
            'firstname' => $first,
            'lastname' => $last,
            'street' => $street,
            'city' => $city,
            'postcode' => $postcode,
            'country_id' => $country,
            'region' => $region,
        ];
    }
}
