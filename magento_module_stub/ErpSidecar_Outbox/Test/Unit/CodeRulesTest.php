<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit;

use PHPUnit\Framework\TestCase;

/**
 * The code of all modules runs on PHP 8.1 to 8.4 and keeps the rules that Magento's reviewers hold modules to.
 */
class CodeRulesTest extends TestCase
{
    private const MODULES = __DIR__ . '/../../..';

    /** @dataProvider files */
    public function testAFileKeepsTheRules(string $path): void
    {
        self::assertSame([], self::broken((string) file_get_contents($path)));
    }

    public static function files(): array
    {
        $isTest = static fn (string $name): bool => str_contains($name, '/Test/');
        return array_filter(self::everyFile(), static fn (string $name): bool => !$isTest($name), ARRAY_FILTER_USE_KEY);
    }

    public static function everyFile(): array
    {
        $files = [];
        $folder = (string) realpath(self::MODULES);
        foreach (glob("$folder/ErpSidecar_*") ?: [] as $module) {
            foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($module)) as $file) {
                if (preg_match('/\.(php|phtml)$/D', (string) $file) === 1) {
                    $files[substr((string) $file, strlen($folder) + 1)] = [(string) $file];
                }
            }
        }
        return $files;
    }

    /** @dataProvider everyFile */
    public function testNoLineIsLongerThanPsr12Recommends(string $path): void
    {
        $long = array_filter(
            file($path, FILE_IGNORE_NEW_LINES) ?: [],
            // A type that an annotation names cannot be broken.
            static fn (string $line): bool => mb_strlen($line) > 120 && preg_match('~^\s*/?\*+ @~', $line) !== 1
        );
        self::assertSame([], $long, 'by number of the line, less one');
    }

    /** @dataProvider forbiddenCode */
    public function testWhatIsForbiddenIsFound(string $code, string $rule): void
    {
        self::assertSame([$rule], self::broken("<?php\n\ndeclare(strict_types=1);\n\n$code"));
    }

    public static function forbiddenCode(): array
    {
        return [
            ['final class A {}', 'final'],
            ['class A { final public function f() {} }', 'final'],
            ['readonly class A {}', 'readonly class'],
            ['$a = new readonly class {};', 'readonly class'],
            ['class A { const string B = "b"; }', 'typed constant'],
            ['class A { public const ?int B = 1; }', 'typed constant'],
            ['function f(A $a = null) {}', 'implicitly nullable'],
            ['class A { function __construct(private readonly int|string $a = null) {} }', 'implicitly nullable'],
            ['class A { function f() { $this->b = 1; } }', 'dynamic property b'],
            ['class A { function f() { $this->b[] = 1; } }', 'dynamic property b'],
            ['$m = ObjectManager::getInstance();', 'ObjectManager'],
            ['function f(): true {}', 'standalone true, false or null'],
            ['try {} catch (\Exception $e) {}', 'error swallowed in silence'],
            ['eval("1");', 'eval, exit or a global'],
            ['exit(1);', 'eval, exit or a global'],
        ];
    }

    /** @dataProvider allowedCode */
    public function testWhatIsAllowedIsNotFound(string $code): void
    {
        self::assertSame([], self::broken("<?php\n\ndeclare(strict_types=1);\n\n$code"));
    }

    public static function allowedCode(): array
    {
        return [
            ['class A { const B = "b"; public const C = self::B; const D = [1], E = 2; }'],
            ['function f(?A $a = null, int|null $b = null, null|A $c = null, mixed $d = null, $e = null) {}'],
            ['class A { private int $b = 1; function f() { $this->b++; $this->b = 2; $this->g(); } }'],
            ['class A { function __construct(private readonly int $b) { $this->b = 2; } }'],
            ['class A { function f() { return $this->b === 1 && $this->c == 2; } }'],
            ['$a = isset($b) ? f($b) : null;'],
            ['// final readonly class, ObjectManager'],
            ['try {} catch (\Exception $e) { throw $e; }'],
        ];
    }

    public function testTheTypesAreStrictEverywhere(): void
    {
        self::assertSame(['no strict types'], self::broken('<?php echo 1;'));
    }

    /** @return list<string> the rules that the code breaks */
    private static function broken(string $code): array
    {
        $tokens = array_values(array_filter(
            \PhpToken::tokenize($code),
            static fn (\PhpToken $token): bool => !$token->is([T_WHITESPACE, T_COMMENT, T_DOC_COMMENT, T_INLINE_HTML])
        ));
        // One space between tokens: so the rules below are patterns of code without its layout and comments.
        $plain = implode(' ', array_map(
            static fn (\PhpToken $token): string
                => $token->is(T_CONSTANT_ENCAPSED_STRING) ? "'text'" : trim($token->text),
            $tokens
        ));
        $rules = [
            'final' => '/(?<![\'$>] )\bfinal\b/',
            'readonly class' => '/\breadonly class\b/',
            'typed constant' => '/(?<!use )\bconst (?:\? )?[\w\\\\|]+ [A-Z_]\w* =/',
            'implicitly nullable' => '/[(,] (?:(?:public|protected|private|readonly) )*'
                . '(?!\? |mixed |null \||(?:[\w\\\\]+ \| )*null )[\w\\\\]+(?: \| [\w\\\\]+)* \$\w+ = null\b/i',
            'ObjectManager' => '/\bObjectManager\b/',
            'standalone true, false or null' => '/\) : (?:true|false|null) \{/',
            'error swallowed in silence' => '/\bcatch \([^)]*\) \{ \}/',
            'eval, exit or a global' => '/\b(?:eval|exit|die|global)\b/',
        ];
        $broken = array_keys(array_filter($rules, static fn (string $rule): bool => preg_match($rule, $plain) === 1));
        foreach (self::dynamicProperties($plain) as $property) {
            $broken[] = "dynamic property $property";
        }
        return str_contains($plain, 'declare ( strict_types = 1 ) ;') ? $broken : [...$broken, 'no strict types'];
    }

    /** @return list<string> properties that are assigned and that the file does not declare */
    private static function dynamicProperties(string $plain): array
    {
        preg_match_all('/\$this -> (\w+) (?:\[[^=;]*?\] )?(?:[-+.*\/%]|\?\?|\*\*)?= /', $plain, $assigned);
        preg_match_all(
            '/\b(?:public|protected|private|readonly|static|var) (?:[\w\\\\?|& ]+ )?\$(\w+)/',
            $plain,
            $declared
        );
        return array_values(array_unique(array_diff($assigned[1], $declared[1])));
    }
}
