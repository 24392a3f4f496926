<?php

declare(strict_types=1);

/**
 * What the test has laid out for this server, in one folder: settings, faults to come, a gate to wait at, a diary.
 */
class RestDesk
{
    public function __construct(private readonly string $folder)
    {
    }

    /** @return array<string, mixed> */
    public function settings(): array
    {
        return $this->read('settings.json');
    }

    /** The first fault that is meant for this call, used up; '' where none is. */
    public function fault(string $call): string
    {
        $file = fopen("$this->folder/faults.json", 'c+');
        flock($file, LOCK_EX);
        $faults = json_decode(stream_get_contents($file) ?: '[]', true, 8, JSON_THROW_ON_ERROR);
        $found = '';
        foreach ($faults as $number => $fault) {
            if (in_array($fault['on'], ['', $call], true)) {
                $found = $fault['fault'];
                unset($faults[$number]);
                break;
            }
        }
        ftruncate($file, 0);
        rewind($file);
        fwrite($file, json_encode(array_values($faults), JSON_THROW_ON_ERROR));
        fclose($file);
        return $found;
    }

    /** Returns when the test has opened the gate. */
    public function waitAtTheGate(): void
    {
        $gate = fopen("$this->folder/gate", 'c');
        flock($gate, LOCK_SH);
        fclose($gate);
    }

    /** @param array<string, mixed> $entry */
    public function note(array $entry): void
    {
        $line = json_encode($entry, JSON_THROW_ON_ERROR) . "\n";
        file_put_contents("$this->folder/diary.jsonl", $line, FILE_APPEND | LOCK_EX);
    }

    /** What the payment provider has in its books, whatever became of the shop's transaction. */
    public function moveMoney(string $kind, int $orderId, float $amount): void
    {
        $line = json_encode(['kind' => $kind, 'order_id' => $orderId, 'amount' => sprintf('%.4F', $amount)]) . "\n";
        file_put_contents("$this->folder/provider.jsonl", $line, FILE_APPEND | LOCK_EX);
    }

    /** @return array<string, mixed> */
    private function read(string $name): array
    {
        return json_decode((string) file_get_contents("$this->folder/$name"), true, 16, JSON_THROW_ON_ERROR);
    }
}
