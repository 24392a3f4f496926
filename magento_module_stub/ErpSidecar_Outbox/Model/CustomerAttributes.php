<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

use ErpSidecar\Outbox\Core\Columns;
use Magento\Eav\Model\Config;
use Magento\Eav\Model\Entity\Attribute\AbstractAttribute;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\Exception\LocalizedException;

/**
 * The values of the customer attributes of a shop's own that etc/di.xml allows to leave; none by default.
 *
 * Nothing is read of attributes that nobody named: they may hold a token of a login service, or worse.
 */
class CustomerAttributes
{
    /** @param array<array-key, string> $codes attribute codes, replaced through the module's di.xml */
    public function __construct(
        private readonly ResourceConnection $resources,
        private readonly Config $eav,
        private readonly array $codes = []
    ) {
    }

    /** @return list<string> the columns of customer_entity that are needed beside Magento's own */
    public function columns(): array
    {
        return array_values(array_filter(
            $this->codes,
            fn (string $code): bool => $this->attribute($code)?->isStatic() && !isset(Columns::of('customer')[$code])
        ));
    }

    /**
     * @param array<string, mixed> $customer row of customer_entity
     * @return array<string, string|null> code => value as the database holds it; an attribute that the shop lacks
     *     is left out
     */
    public function of(array $customer): array
    {
        $values = [];
        $codesByTable = [];
        foreach ($this->codes as $code) {
            $attribute = $this->attribute($code);
            if ($attribute === null) {
                continue;
            }
            $values[$code] = null;
            if ($attribute->isStatic()) {
                $values[$code] = isset($customer[$code]) ? (string) $customer[$code] : null;
            } else {
                $codesByTable[(string) $attribute->getBackendTable()][(int) $attribute->getAttributeId()] = $code;
            }
        }
        foreach ($codesByTable as $table => $codes) {
            foreach ($this->rows($table, (int) $customer['entity_id'], array_keys($codes)) as $row) {
                $values[$codes[(int) $row['attribute_id']]] = $row['value'];
            }
        }
        return $values;
    }

    private function attribute(string $code): ?AbstractAttribute
    {
        try {
            $attribute = $this->eav->getAttribute('customer', $code);
        } catch (LocalizedException) {
            return null;
        }
        return $attribute instanceof AbstractAttribute && $attribute->getAttributeId() ? $attribute : null;
    }

    /**
     * @param list<int> $attributeIds
     * @return list<array<string, string|null>>
     */
    private function rows(string $table, int $customerId, array $attributeIds): array
    {
        $connection = $this->resources->getConnection(CustomerReader::RESOURCE);
        $select = $connection->select()
            ->from($this->resources->getTableName($table, CustomerReader::RESOURCE), ['attribute_id', 'value'])
            ->where('entity_id = ?', $customerId)
            ->where('attribute_id IN (?)', $attributeIds);
        return $connection->fetchAll($select);
    }
}
