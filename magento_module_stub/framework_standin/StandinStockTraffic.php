<?php

declare(strict_types=1);

use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\Exception\LocalizedException;

/**
 * One process's part of a busy shop: imports, shipments, refunds or transfers, one after the other, on the same SKUs
 * as those of other processes.
 */
class StandinStockTraffic
{
    /** @param \Closure(\Throwable): ?int $driverCode */
    public function __construct(
        private readonly StandinInventory $inventory,
        private readonly AdapterInterface $adapter,
        private readonly \Closure $driverCode
    ) {
    }

    /**
     * @param string $kind a method of this class
     * @param list<string> $skus those that all processes share
     * @param string $own a prefix for SKUs that this process alone adds
     * @param bool $isLater whether source items are saved as versions after 2.4.4 do
     * @return array<string, int> how often what happened: done, refused by Magento, or a server's error by its code
     */
    public function run(string $kind, int $rounds, int $seed, array $skus, string $own, bool $isLater): array
    {
        mt_srand($seed);
        $happened = [];
        for ($round = 0; $round < $rounds; $round++) {
            try {
                $this->$kind($skus, "$own-$round", $isLater);
                $what = 'done';
            } catch (LocalizedException) {
                $what = 'refused';
            } catch (\Exception $error) {
                $what = (string) (($this->driverCode)($error) ?? $error->getMessage());
            }
            while ($this->adapter->getTransactionLevel() > 0) {
                $this->adapter->rollBack();
            }
            $happened[$what] = ($happened[$what] ?? 0) + 1;
        }
        return $happened;
    }

    /**
     * Absolute quantities of shared SKUs and of a new one, which lies between them.
     *
     * @param list<string> $skus
     */
    private function import(array $skus, string $own, bool $isLater): void
    {
        $items = array_map(
            static fn (string $sku): array => ['west', $sku, mt_rand(50, 100), 1],
            self::some($skus, 12)
        );
        array_splice($items, 6, 0, [['west', $items[0][1] . $own, mt_rand(0, 9), 1]]);
        $this->inventory->save($items, $isLater);
    }

    /**
     * In the shipment's transaction; one in ten is rolled back after the stock was taken.
     *
     * @param list<string> $skus
     */
    private function shipment(array $skus, string $own, bool $isLater): void
    {
        $this->sale($skus, 'shipment_created', 1);
    }

    /** @param list<string> $skus */
    private function refund(array $skus, string $own, bool $isLater): void
    {
        $this->sale($skus, 'creditmemo_created', -1);
    }

    /**
     * In a transaction of its own, as a refund with restock.
     *
     * @param list<string> $skus
     */
    private function restock(array $skus, string $own, bool $isLater): void
    {
        $this->inventory->deduct('west', [[self::some($skus, 1)[0], -1]], 'creditmemo_created', '7');
    }

    /** @param list<string> $skus */
    private function transfer(array $skus, string $own, bool $isLater): void
    {
        $some = self::some($skus, 3);
        [$from, $to] = mt_rand(0, 1) === 1 ? ['west', 'east'] : ['east', 'west'];
        $this->inventory->transfer($some, $from, $to, false);
    }

    /** @param list<string> $skus */
    private function sale(array $skus, string $event, int $sign): void
    {
        $this->adapter->beginTransaction();
        $items = array_map(static fn (string $sku): array => [$sku, $sign * mt_rand(1, 3)], self::some($skus, 3));
        $this->inventory->deduct('west', $items, $event, '7');
        if (mt_rand(0, 9) === 0) {
            $this->adapter->rollBack();
            return;
        }
        $this->adapter->commit();
    }

    /**
     * @param list<string> $skus
     * @return list<string> in no order
     */
    private static function some(array $skus, int $count): array
    {
        shuffle($skus);
        return array_slice($skus, 0, $count);
    }
}
