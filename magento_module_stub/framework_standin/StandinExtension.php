<?php

declare(strict_types=1);

/**
 * Extension attributes as Magento generates them: one getter for each attribute that an installed module declares.
 */
class StandinExtension
{
    public function __construct(
        private readonly ?string $sourceCode = null,
        private readonly ?string $pickupLocationCode = null
    ) {
    }

    public function getSourceCode(): ?string
    {
        return $this->sourceCode;
    }

    public function getPickupLocationCode(): ?string
    {
        return $this->pickupLocationCode;
    }

    /** Set only where a quote has just become the order. */
    public function getConvertingFromQuote(): ?bool
    {
        return null;
    }
}
