<?php

declare(strict_types=1);

namespace ErpSidecar\Demonstration;

/**
 * Chance that repeats itself: the same seed draws the same things.
 */
class Dice
{
    public function __construct(int $seed)
    {
        mt_srand($seed);
    }

    public function between(int $least, int $most): int
    {
        return mt_rand($least, $most);
    }

    public function chance(int $percent): bool
    {
        return mt_rand(1, 100) <= $percent;
    }

    /**
     * @template T
     * @param non-empty-list<T> $choices
     * @return T
     */
    public function oneOf(array $choices): mixed
    {
        return $choices[mt_rand(0, count($choices) - 1)];
    }
}
