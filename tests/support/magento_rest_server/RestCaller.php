<?php

declare(strict_types=1);

use Magento\Authorization\Model\UserContextInterface;

/**
 * Whom a bearer's token belongs to, and what that one may do.
 */
class RestCaller implements UserContextInterface
{
    /** Granted to whoever has any permission at all. */
    private const ANYTHING = 'Magento_Backend::admin';

    private const TYPES = ['integration' => self::USER_TYPE_INTEGRATION, 'admin' => self::USER_TYPE_ADMIN];

    /** @param list<string> $resources */
    public function __construct(
        private readonly int $type = self::USER_TYPE_GUEST,
        private readonly ?int $id = null,
        private readonly array $resources = []
    ) {
    }

    /**
     * An integration's token counts only where the shop takes such tokens from a bearer.
     *
     * @param array<string, mixed> $settings
     */
    public static function of(string $authorization, array $settings): self
    {
        $known = preg_match('/^Bearer (\S+)$/i', $authorization, $token) === 1
            ? $settings['tokens'][$token[1]] ?? null
            : null;
        return match (true) {
            $known === null, $known['type'] === 'integration' && !$settings['bearer'] => new self(),
            default => new self(self::TYPES[$known['type']], $known['id'], $known['resources']),
        };
    }

    public function require(string $resource): void
    {
        $has = $this->resources !== [] && $resource === self::ANYTHING || in_array($resource, $this->resources, true);
        if (!$has) {
            $message = "The consumer isn't authorized to access %resources.";
            throw new RestError(401, $message, ['resources' => $resource]);
        }
    }

    public function getUserId()
    {
        return $this->id;
    }

    public function getUserType()
    {
        return $this->type;
    }
}
