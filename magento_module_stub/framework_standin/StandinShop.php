<?php

declare(strict_types=1);

use ErpSidecar\Outbox\Block\Adminhtml\Order\View\Tab\Erp;
use ErpSidecar\Outbox\Console\Command\CreateStatusCommand;
use ErpSidecar\Outbox\Console\Command\OutboxStatusCommand;
use ErpSidecar\Outbox\Core\Cause;
use ErpSidecar\Outbox\Core\InventoryAdjustedPayload;
use ErpSidecar\Outbox\Core\OutboxEvents;
use ErpSidecar\Outbox\Core\Subject;
use ErpSidecar\Outbox\Model\Config\Integrations;
use ErpSidecar\Outbox\Model\Outbox;
use ErpSidecar\Outbox\Model\Status\ErpDocuments;
use ErpSidecar\Outbox\Model\Status\OrderEvents;
use ErpSidecar\Outbox\Setup\Patch\Data\CreateOrderStatuses;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Backend\Block\Template\Context;
use Magento\Eav\Model\Config;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\Request\Http;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\App\State;
use Magento\Framework\DataObject;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\Event;
use Magento\Framework\Event\Observer;
use Magento\Framework\Exception\LocalizedException;
use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Framework\Module\Manager;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Creditmemo;
use Magento\Sales\Model\Order\CreditmemoDocumentFactory;
use Magento\Store\Model\StoreManagerInterface;
use Psr\Log\LoggerInterface;

/**
 * A shop of one process with the module installed: dispatches events to the observers that etc/events.xml names.
 */
class StandinShop implements LoggerInterface, StoreManagerInterface, UserContextInterface
{
    /** @var list<array<string, mixed>> what the module has logged as critical */
    public array $log = [];

    /** @var array<int, DataObject> kept for the process, as Magento does */
    private array $stores = [];

    private readonly \SimpleXMLElement $events;
    private readonly StandinObjectFactory $objects;
    private readonly StandinSales $sales;
    private readonly ResourceConnection $resources;
    private readonly StandinPlugins $plugins;

    /**
     * @param AdapterInterface $adapter the connection of the sales tables, and of all others where there is but one
     * @param array<string, string> $config what is set in the admin panel, path => value
     * @param AdapterInterface|null $main the connection of all other tables, in a shop with split databases
     * @param array<class-string, object> $instead what this process has of its own: who is logged in, area, request
     */
    public function __construct(
        private readonly AdapterInterface $adapter,
        string $tablePrefix = '',
        array $config = [],
        ?AdapterInterface $main = null,
        array $instead = []
    ) {
        $module = dirname(__DIR__) . '/ErpSidecar_Outbox/etc';
        $this->events = new \SimpleXMLElement((string) file_get_contents("$module/events.xml"));
        $this->resources = new ResourceConnection(
            ['default' => $main ?? $adapter, 'sales' => $adapter],
            $tablePrefix
        );
        $this->sales = new StandinSales($adapter, $this->resources);
        $this->objects = new StandinObjectFactory("$module/di.xml", $instead + [
            ResourceConnection::class => $this->resources,
            ScopeConfigInterface::class => new StandinConfig("$module/config.xml", $config),
            LoggerInterface::class => $this,
            StoreManagerInterface::class => $this,
            UserContextInterface::class => $this,
            State::class => new State('frontend'),
            Http::class => new Http(['REQUEST_METHOD' => 'POST', 'REQUEST_TIME_FLOAT' => microtime(true)]),
            Manager::class => new Manager(),
            Config::class => new Config(StandinAttributes::under($tablePrefix)),
        ]);
        $this->plugins = new StandinPlugins(
            new \SimpleXMLElement((string) file_get_contents("$module/di.xml")),
            $this->objects
        );
        if ($adapter instanceof StandinFaultyAdapter) {
            $adapter->interceptWith(fn (string $method, callable $original): mixed
                => $this->plugins->call($adapter, $method, [], $original));
        }
    }

    /** An object of the module's, as other modules get it. */
    public function get(string $class): object
    {
        return $this->objects->get($class);
    }

    /** The order as its rows stand in this transaction. */
    public function order(int $orderId, ?array $origData, array $set = []): Order
    {
        return $this->sales->order($orderId, $origData, $set);
    }

    public function sales(): StandinSales
    {
        return $this->sales;
    }

    /**
     * Calls a method of one of Magento's classes, through the plugins that hang on it.
     *
     * @param class-string $class
     * @param list<mixed> $arguments
     */
    public function call(string $class, string $method, array $arguments): void
    {
        $subject = $this->objects->get($class);
        $this->plugins->call($subject, $method, $arguments, $subject->$method(...));
    }

    /**
     * The credit memo of a web API request, as Magento's factory makes it with the plugins that hang on it.
     *
     * @param list<int|string> $returnToStockItems ids of order items
     */
    public function requestedCreditmemo(Order $order, array $returnToStockItems): Creditmemo
    {
        $factory = new CreditmemoDocumentFactory();
        $arguments = [$order, [], null, false, new StandinRefundArguments($returnToStockItems)];
        return $this->plugins->call($factory, 'createFromOrder', $arguments, $factory->createFromOrder(...));
    }

    /**
     * Runs every observer of the event, in the order in which they are listed.
     *
     * @param array<string, mixed> $more what the event carries besides its object
     */
    public function dispatch(string $event, DataObject $subject, array $more = []): void
    {
        foreach ($this->events->event as $listed) {
            foreach ((string) $listed['name'] === $event ? $listed->observer : [] as $observer) {
                $data = new Event([self::nameOfObject($event) => $subject] + $more);
                $this->objects->get((string) $observer['instance'])->execute(new Observer(['event' => $data]));
            }
        }
    }

    /**
     * What bin/magento erp-sidecar:outbox:status prints.
     *
     * @param list<string> $options
     * @return array{exit: int, printed: string}
     */
    public function status(array $options): array
    {
        $terminal = new StandinTerminal($options);
        $exit = $this->objects->get(OutboxStatusCommand::class)->run($terminal, $terminal);
        return ['exit' => $exit, 'printed' => $terminal->printed];
    }

    /**
     * @param list<string> $states
     * @return array{exit: int, printed: string}
     */
    public function createStatus(string $code, string $label, array $states): array
    {
        $terminal = new StandinTerminal([], ['code' => $code, 'label' => $label, 'state' => $states]);
        $exit = $this->objects->get(CreateStatusCommand::class)->run($terminal, $terminal);
        return ['exit' => $exit, 'printed' => $terminal->printed];
    }

    /** What setup:upgrade does with the module's data patch. */
    public function applyDataPatch(): void
    {
        $this->objects->get(CreateOrderStatuses::class)->apply();
    }

    /**
     * What the ERP tab of an order's page shows to an admin.
     *
     * @param list<string> $allowed resources of the ACL that the admin has
     */
    public function orderTab(int $orderId, array $allowed): string
    {
        $panel = new StandinPanel(['order_id' => (string) $orderId], $allowed);
        $tab = new Erp(
            new Context($panel, $panel),
            $this->objects->get(OrderEvents::class),
            $this->objects->get(ErpDocuments::class)
        );
        return $tab->toHtml();
    }

    /** @return list<array{value: string, label: string}> the integrations that a setting offers */
    public function integrations(): array
    {
        return $this->objects->get(Integrations::class)->toOptionArray();
    }

    /**
     * Appends a stock change of each SKU, all at once.
     *
     * @param list<string> $skus
     */
    public function appendStockChanges(array $skus): void
    {
        $events = OutboxEvents::standard();
        $facts = static fn (string $sku): array => (new InventoryAdjustedPayload())
            ->facts($sku, 'west', '1', 'manual', ['type' => 'manual', 'id' => '1']);
        $this->objects->get(Outbox::class)->appendAll(array_map(
            static fn (string $sku) => $events->event(
                InventoryAdjustedPayload::TYPE,
                Subject::sku($sku),
                new Cause(),
                static fn (): array => $facts($sku)
            ),
            $skus
        ), Outbox::DEFAULT_RESOURCE);
    }

    public function critical(string|\Stringable $message, array $context = []): void
    {
        $this->log[] = ['message' => (string) $message] + $context;
    }

    public function getStore($storeId = null)
    {
        return $this->stores[(int) $storeId] ??= $this->store((int) $storeId);
    }

    public function getWebsite($websiteId = null)
    {
        $website = $this->rows('store_website', 'website_id', (int) $websiteId)[0]
            ?? throw new LocalizedException("The website with id $websiteId that was requested wasn't found.");
        return new DataObject($website);
    }

    public function getUserId()
    {
        return null;
    }

    public function getUserType()
    {
        return self::USER_TYPE_GUEST;
    }

    /** A model's own events name it data_object; those of relations and of single attributes name it object. */
    private static function nameOfObject(string $event): string
    {
        $isOfModel = preg_match('/_(save|delete|load)_(before|after|commit_after)$/', $event) === 1;
        return $isOfModel ? 'data_object' : 'object';
    }

    private function store(int $storeId): DataObject
    {
        $store = $this->rows('store', 'store_id', $storeId)[0]
            ?? throw new NoSuchEntityException('The store that was requested wasn\'t found.');
        $website = $this->rows('store_website', 'website_id', (int) $store['website_id'])[0];
        $group = $this->rows('store_group', 'group_id', (int) $store['group_id'])[0];
        return new DataObject([
            'id' => $store['store_id'],
            'code' => $store['code'],
            'website' => new DataObject($website),
            'group' => new DataObject($group),
        ]);
    }

    /** @return list<array<string, string|null>> */
    private function rows(string $table, string $column, int $value): array
    {
        $select = $this->adapter->select()
            ->from($this->resources->getTableName($table))
            ->where("$column = ?", $value);
        return $this->adapter->fetchAll($select);
    }
}
