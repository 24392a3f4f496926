<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Model;

/**
 * Reads extension attributes that exist only where their module is installed.
 */
class ExtensionAttribute
{
    /**
     * The value as a text; null where the model has no such attribute, or it is not set.
     *
     * @param object $model with getExtensionAttributes()
     * @param string $getter e.g. getSourceCode, generated for each attribute that an installed module declares
     */
    public static function text(object $model, string $getter): ?string
    {
        $attributes = $model->getExtensionAttributes();
        if ($attributes === null || !method_exists($attributes, $getter)) {
            return null;
        }
        $value = (string) $attributes->$getter();
        return $value === '' ? null : $value;
    }

    /**
     * Whether an installed module declares the attribute.
     *
     * @param object $model with getExtensionAttributes()
     */
    public static function isDeclared(object $model, string $getter): bool
    {
        $attributes = $model->getExtensionAttributes();
        return $attributes !== null && method_exists($attributes, $getter);
    }
}
