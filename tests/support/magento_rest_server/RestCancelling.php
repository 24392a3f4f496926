<?php

declare(strict_types=1);

/**
 * POST /V1/orders/:id/cancel: true, or false where the order cannot be cancelled.
 */
class RestCancelling
{
    private readonly RestOrderSave $save;

    public function __construct(private readonly RestShop $shop)
    {
        $this->save = new RestOrderSave($shop);
    }

    public function cancel(int $orderId): bool
    {
        $order = RestOrder::of($this->shop, $orderId);
        if (!$order->canCancel()) {
            return false;
        }
        $model = $this->shop->loaded($orderId);
        // Stock is freed item by item before the order is saved, outside of its transaction.
        if ($this->shop->hasSources()) {
            $this->shop->reserve($this->freed($order), 'order_canceled', $model);
        }
        $state = 'canceled';
        foreach (array_keys($order->items) as $id) {
            if ($state !== 'processing' && $order->toRefund($id) > 0) {
                $state = $order->toShip($id) > 0 ? 'processing' : 'complete';
            }
            $order->addToItem($id, ['qty_canceled' => min($order->toInvoice($id), $order->toShip($id))]);
        }
        foreach (['subtotal', 'tax', 'shipping', 'discount', 'total'] as $kind) {
            $total = $kind === 'total' ? 'grand_total' : ($kind === 'subtotal' ? 'subtotal' : "{$kind}_amount");
            foreach (['', 'base_'] as $of) {
                $left = (float) $order->row[$of . $total] - (float) $order->row["$of{$kind}_invoiced"];
                $order->row["$of{$kind}_canceled"] = RestOrder::decimal($left);
            }
        }
        $order->row['state'] = $state;
        $order->row['status'] = $this->shop->defaultStatus($state);
        return $this->shop->withOrderLocked($orderId, function () use ($order, $model): bool {
            $this->shop->failIfTold();
            $this->save->save($order, $model);
            return true;
        });
    }

    /** @return array<string, float> by SKU */
    private function freed(RestOrder $order): array
    {
        $freed = [];
        foreach ($order->items as $id => $item) {
            $quantity = min($order->toInvoice($id), $order->toShip($id));
            if ($quantity > 0) {
                $freed[$item['sku']] = ($freed[$item['sku']] ?? 0) + $quantity;
            }
        }
        return $freed;
    }
}
