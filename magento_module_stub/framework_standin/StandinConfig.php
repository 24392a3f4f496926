<?php

declare(strict_types=1);

use Magento\Framework\App\Config\ScopeConfigInterface;

/**
 * A shop's settings: the defaults of a module's etc/config.xml, and what was set on top of them.
 */
class StandinConfig implements ScopeConfigInterface
{
    private readonly \SimpleXMLElement $defaults;

    /** @param array<string, string> $set path => value, as the admin panel saves it */
    public function __construct(string $configXml, private readonly array $set = [])
    {
        $this->defaults = new \SimpleXMLElement((string) file_get_contents($configXml));
    }

    public function getValue($path, $scopeType = ScopeConfigInterface::SCOPE_TYPE_DEFAULT, $scopeCode = null)
    {
        if (isset($this->set[$path])) {
            return $this->set[$path];
        }
        $found = $this->defaults->xpath("/config/default/$path") ?: [];
        return $found === [] ? null : (string) $found[0];
    }

    public function isSetFlag($path, $scopeType = ScopeConfigInterface::SCOPE_TYPE_DEFAULT, $scopeCode = null)
    {
        return !in_array($this->getValue($path, $scopeType, $scopeCode), [null, '', '0', 'false'], true);
    }
}
