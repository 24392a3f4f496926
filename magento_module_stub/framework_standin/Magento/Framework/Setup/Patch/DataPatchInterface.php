<?php

declare(strict_types=1);

namespace Magento\Framework\Setup\Patch;

/**
 * A change of data that setup:upgrade makes once. Magento declares the methods in two interfaces of its own.
 */
interface DataPatchInterface
{
    /** @return string[] patches that have to be there before */
    public static function getDependencies();

    /** @return string[] names that the patch had */
    public function getAliases();

    /** @return $this */
    public function apply();
}
