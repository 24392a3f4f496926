<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * What happens to one order, step by step, and which stories a bounded round tells.
 *
 * Orders paid by `demo_card` may go to the ERP once the card is authorised; all others at once. A story
 * that cancels an order which may go waits until it is acknowledged: whether the ERP has heard of it
 * would otherwise be a race.
 */
class Story
{
    /** Goes two seconds after it was placed: whoever pays with it presses the button twice now and then. */
    public const WALLET = 'demo_wallet';

    private const CHEQUE = 'checkmo';
    private const TRANSFER = 'banktransfer';
    private const ON_DELIVERY = 'cashondelivery';
    private const PURCHASE_ORDER = 'purchaseorder';
    private const CARD = 'demo_card';

    /** @param list<string> $steps names of Shop's steps */
    public function __construct(
        public readonly string $kind,
        public readonly string $market,
        public readonly string $method,
        public readonly array $steps,
        public readonly bool $coupon = false,
        public readonly string $state = 'new',
    ) {
    }

    /** @return list<self> each kind of order, market, payment and ending at least once */
    public static function all(): array
    {
        $unpaid = ['state' => 'pending_payment'];
        $reviewed = ['state' => 'payment_review'];
        return [
            new self('simple', 'us', self::CHEQUE, ['invoice', 'ship']),
            new self('configurable', 'de', self::CHEQUE, ['invoice', 'ship', 'refundToShelf']),
            new self('bundle_dynamic', 'us', self::CHEQUE, ['invoicePart', 'shipPart', 'invoice', 'ship']),
            new self('bundle_fixed', 'de', self::TRANSFER, ['invoice', 'ship']),
            new self('virtual', 'us', self::CHEQUE, ['invoice']),
            new self('grouped', 'de', self::PURCHASE_ORDER, ['shipPart', 'invoice', 'ship']),
            new self('fractional', 'us', self::ON_DELIVERY, ['ship', 'invoice']),
            new self('simple', 'ny', self::CHEQUE, ['comment', 'invoice', 'ship']),
            new self('mixed', 'de', self::CHEQUE, ['invoice', 'ship', 'refundGone'], coupon: true),
            new self('simple', 'eu_usd', self::TRANSFER, ['invoice', 'ship', 'refundPartWithAdjustment']),
            new self('mixed', 'eu_usd', self::PURCHASE_ORDER, ['invoicePart', 'invoice', 'shipPart', 'ship'], coupon: true),
            new self('grouped', 'jp', self::ON_DELIVERY, ['ship', 'invoice']),
            new self('simple', 'us', self::CARD, ['authorize', 'invoice', 'ship'], ...$unpaid),
            new self('configurable', 'us', self::CARD, [], ...$unpaid),
            new self('bundle_dynamic', 'de', self::CARD, ['authorize', 'invoice'], ...$reviewed),
            new self('simple', 'de', self::CARD, ['comment'], ...$reviewed),
            new self('bundle_fixed', 'us', self::CARD, ['hold'], ...$unpaid),
            new self('simple', 'ny', self::CARD, ['hold', 'comment', 'unhold', 'authorize', 'invoice'], ...$unpaid),
            new self('simple', 'de', self::CARD, ['cancel'], ...$unpaid),
            new self('configurable', 'eu_usd', self::CHEQUE, ['awaitErp', 'cancel']),
            new self('simple', 'us', self::TRANSFER, ['moveHouse', 'awaitErp', 'comment', 'cancel']),
            new self('grouped', 'us', self::PURCHASE_ORDER, ['moveHouse', 'invoice'], coupon: true),
            new self('fractional', 'de', self::CHEQUE, ['awaitErp', 'hold', 'unhold', 'invoicePart'], coupon: true),
            new self('virtual', 'eu_usd', self::TRANSFER, ['invoice', 'refundGone']),
            new self('simple', 'de', self::CHEQUE, ['openPage', 'awaitErp', 'saveOldPage']),
        ];
    }

    /** @return list<self> the last ones of a round: orders that are changed once more, and never again */
    public static function encore(): array
    {
        return [
            new self('grouped', 'de', self::PURCHASE_ORDER, ['awaitErp', 'moveHouse']),
            new self('simple', 'de', self::CHEQUE, ['openPage', 'awaitErp', 'saveOldPage']),
        ];
    }

    /**
     * The stories of one of several shops, in an order of its own.
     *
     * @return list<self>
     */
    public static function ofShop(int $shop, int $shops, int $orders, Dice $dice): array
    {
        $all = self::all();
        $mine = [];
        for ($index = 0; $index < $orders; $index++) {
            if ($index % $shops === $shop - 1) {
                $mine[] = $all[$index % count($all)];
            }
        }
        for ($last = count($mine) - 1; $last > 0; $last--) {
            $other = $dice->between(0, $last);
            [$mine[$last], $mine[$other]] = [$mine[$other], $mine[$last]];
        }
        return $mine;
    }
}
