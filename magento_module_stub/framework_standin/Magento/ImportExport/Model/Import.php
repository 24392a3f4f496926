<?php

declare(strict_types=1);

namespace Magento\ImportExport\Model;

use Magento\Framework\DataObject;

/**
 * An import of any entity; what it writes is given by who runs it.
 */
class Import extends DataObject
{
    /** @return bool */
    public function importSource()
    {
        ($this->getData('work'))();
        return true;
    }
}
