<?php

declare(strict_types=1);

use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Model\CurrentCause;
use ErpSidecar\Outbox\Model\Families;
use ErpSidecar\Outbox\Model\Outbox;
use ErpSidecar\OutboxInventory\Model\InventoryTransaction;
use ErpSidecar\OutboxInventory\Model\SourceItems;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DataObject;
use Magento\Framework\Event;
use Magento\Framework\Event\Observer;
use Magento\Framework\Model\AbstractModel;
use Magento\ImportExport\Model\Import;
use Magento\Inventory\Model\ResourceModel\SourceItem\DecrementQtyForMultipleSourceItem;
use Magento\Inventory\Model\ResourceModel\SourceItem\DeleteMultiple;
use Magento\Inventory\Model\ResourceModel\SourceItem\SaveMultiple;
use Magento\Inventory\Model\SourceItem;
use Magento\Inventory\Model\SourceItem\Command\SourceItemsSave;
use Magento\InventoryApi\Api\SourceItemsSaveInterface;
use Magento\InventoryCatalog\Model\DeleteSourceItemsBySkus;
use Magento\InventoryCatalog\Model\PartialInventoryTransferItem;
use Magento\InventoryCatalog\Model\ResourceModel\BulkInventoryTransfer;
use Magento\InventoryCatalog\Model\ResourceModel\BulkSourceAssign;
use Magento\InventoryCatalog\Model\ResourceModel\BulkSourceUnassign;
use Magento\InventoryCatalog\Model\ResourceModel\TransferInventoryPartially;
use Magento\InventoryReservations\Model\Reservation;
use Magento\InventoryReservations\Model\ResourceModel\SaveMultiple as SaveReservations;
use Magento\InventorySales\Model\SalesEvent;
use Magento\InventorySourceDeductionApi\Model\SourceDeductionRequest;
use Magento\InventorySourceDeductionApi\Model\SourceDeductionService;

/**
 * The inventory of a shop: Magento's writers, with the plugins and observers that the second module declares.
 */
class StandinInventory
{
    private readonly StandinInterceptors $interceptors;
    private readonly StandinObjectFactory $objects;
    private readonly ResourceConnection $resources;
    private readonly \SimpleXMLElement $events;

    /** @param bool $isPlain without the module, to measure what it costs */
    public function __construct(StandinShop $shop, bool $isPlain = false)
    {
        $module = dirname(__DIR__) . '/ErpSidecar_OutboxInventory/etc';
        $shared = [ResourceConnection::class, OutboxEvents::class, CurrentCause::class, Families::class, Outbox::class];
        $this->resources = $shop->get(ResourceConnection::class);
        $this->objects = new StandinObjectFactory(
            "$module/di.xml",
            array_combine($shared, array_map($shop->get(...), $shared))
        );
        $plugins = $isPlain ? '<config/>' : (string) file_get_contents("$module/di.xml");
        $this->interceptors = new StandinInterceptors(
            new StandinPlugins(new \SimpleXMLElement($plugins), $this->objects)
        );
        $this->events = new \SimpleXMLElement((string) file_get_contents("$module/events.xml"));
    }

    /** @param list<array{string, string, float|int, int}> $items source, SKU, quantity, status */
    public function save(array $items, bool $isLater = false): void
    {
        $writer = $this->interceptors->make(SaveMultiple::class, [$this->resources]);
        $writer->isLater = $isLater;
        $writer->execute(self::sourceItems($items));
    }

    /**
     * What the third module's service does, as a caller of the web API sees it.
     *
     * @param list<array<string, mixed>> $changes
     * @return list<array<string, mixed>>
     */
    public function apply(array $changes, bool $isLater = false): array
    {
        $writer = $this->interceptors->make(SaveMultiple::class, [$this->resources]);
        $writer->isLater = $isLater;
        return (new StandinStockFeed([
            InventoryTransaction::class => $this->objects->get(InventoryTransaction::class),
            SourceItems::class => $this->objects->get(SourceItems::class),
            SourceItemsSaveInterface::class => new SourceItemsSave($writer),
        ]))->apply($changes);
    }

    /** @param list<array{string, string}> $items source, SKU */
    public function delete(array $items): void
    {
        $this->interceptors->make(DeleteMultiple::class, [$this->resources])->execute(self::sourceItems($items));
    }

    /** @param list<string> $skus of products that are gone */
    public function remove(array $skus): void
    {
        $delete = $this->interceptors->make(DeleteMultiple::class, [$this->resources]);
        $this->interceptors->make(DeleteSourceItemsBySkus::class, [$this->resources, $delete])->execute($skus);
    }

    /**
     * A shipment, refund or invoice, as far as it is stock.
     *
     * @param list<array{string, float|int}> $items SKU, quantity that leaves
     */
    public function deduct(string $sourceCode, array $items, string $event, string $orderId): void
    {
        $decrement = $this->interceptors->make(DecrementQtyForMultipleSourceItem::class, [$this->resources]);
        $this->interceptors->make(SourceDeductionService::class, [$this->resources, $decrement])->execute(
            new SourceDeductionRequest(
                $sourceCode,
                array_map(static fn (array $item): DataObject => new DataObject(
                    ['sku' => (string) $item[0], 'qty' => $item[1]]
                ), $items),
                new SalesEvent($event, $orderId)
            )
        );
    }

    /** @param list<string> $skus */
    public function transfer(array $skus, string $origin, string $destination, bool $unassign): void
    {
        $this->interceptors->make(BulkInventoryTransfer::class, [$this->resources])
            ->execute($skus, $origin, $destination, $unassign);
    }

    public function transferPartially(string $sku, float $quantity, string $origin, string $destination): void
    {
        $this->interceptors->make(TransferInventoryPartially::class, [$this->resources])
            ->execute(new PartialInventoryTransferItem($sku, $quantity), $origin, $destination);
    }

    /**
     * @param list<string> $skus
     * @param list<string> $sources
     */
    public function assign(array $skus, array $sources): int
    {
        return $this->interceptors->make(BulkSourceAssign::class, [$this->resources])->execute($skus, $sources);
    }

    /**
     * @param list<string> $skus
     * @param list<string> $sources
     */
    public function unassign(array $skus, array $sources): int
    {
        return $this->interceptors->make(BulkSourceUnassign::class, [$this->resources])->execute($skus, $sources);
    }

    /** @param list<array{int, string, float|int, string|null}> $reservations stock, SKU, quantity, metadata */
    public function reserve(array $reservations): void
    {
        $this->interceptors->make(SaveReservations::class, [$this->resources])->execute(
            array_map(static fn (array $given): Reservation => new Reservation(...$given), $reservations)
        );
    }

    /** @param callable(): void $work what an import of the entity does */
    public function import(string $entity, callable $work): void
    {
        $this->interceptors->make(Import::class, [['entity' => $entity, 'work' => $work]])->importSource();
    }

    /** Runs every observer of the event. */
    public function dispatch(string $event, AbstractModel $saved): void
    {
        foreach ($this->events->event as $listed) {
            foreach ((string) $listed['name'] === $event ? $listed->observer : [] as $observer) {
                $this->objects->get((string) $observer['instance'])
                    ->execute(new Observer(['event' => new Event(['data_object' => $saved])]));
            }
        }
    }

    /**
     * @param list<array{0: string, 1: string, 2?: float|int, 3?: int}> $items
     * @return list<SourceItem>
     */
    private static function sourceItems(array $items): array
    {
        return array_map(static fn (array $item): SourceItem => new SourceItem(...$item), $items);
    }
}
