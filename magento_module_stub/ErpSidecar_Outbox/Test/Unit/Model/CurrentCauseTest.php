<?php

declare(strict_types=1);

namespace ErpSidecar\Outbox\Test\Unit\Model;

use ErpSidecar\Outbox\Core\SystemRandomness;
use ErpSidecar\Outbox\Core\TraceParent;
use ErpSidecar\Outbox\Model\CurrentCause;
use ErpSidecar\Outbox\Model\EchoRules;
use Magento\Authorization\Model\UserContextInterface;
use Magento\Framework\App\Request\Http;
use Magento\Framework\App\State;
use PHPUnit\Framework\TestCase;

class CurrentCauseTest extends TestCase
{
    private const WEB = ['REQUEST_METHOD' => 'POST', 'REQUEST_TIME_FLOAT' => 1714550400.25];
    private const CONSUMER = ['argv' => ['bin/magento', 'queue:consumers:start', 'async.operations.all']];
    private const COMMAND = ['argv' => ['bin/magento', 'shop:do']];
    private const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    private const UNKNOWN = ['type' => 'unknown', 'id' => null];

    /** @dataProvider processes */
    public function testTheProcessTellsWhoActs(
        ?int $type,
        ?int $id,
        ?string $area,
        array $server,
        ?int $customer,
        string $origin,
        array $actor
    ): void {
        $cause = $this->causes($this->user($type, $id), $area, $server)->of($customer);
        self::assertSame([$origin, $actor], [$cause->origin, $cause->actor]);
    }

    public static function processes(): array
    {
        $panel = ['type' => 'admin', 'id' => 8];
        $customer = ['type' => 'user', 'id' => 5];
        $cron = ['type' => 'cron', 'id' => null];
        return [
            'an integration' =>
                [1, 3, 'webapi_rest', self::WEB, null, 'rest', ['type' => 'integration', 'id' => 3]],
            'an integration over SOAP' =>
                [1, 3, 'webapi_soap', self::WEB, null, 'soap', ['type' => 'integration', 'id' => 3]],
            'an admin over REST' => [2, 8, 'webapi_rest', self::WEB, 5, 'rest', $panel],
            'an admin in the panel' => [2, 8, 'adminhtml', self::WEB, 5, 'admin', $panel],
            'the panel before a login' =>
                [2, null, 'adminhtml', self::WEB, 5, 'admin', ['type' => 'admin', 'id' => null]],
            'a customer over GraphQL' => [3, 5, 'graphql', self::WEB, 5, 'graphql', $customer],
            'a customer in the shop' => [null, null, 'frontend', self::WEB, 5, 'web', $customer],
            'a guest' => [4, 0, 'webapi_rest', self::WEB, null, 'rest', ['type' => 'guest', 'id' => null]],
            'cron' => [null, null, 'crontab', [], 5, 'cron', $cron],
            'cron called by the web server' => [null, null, 'crontab', self::WEB, 5, 'cron', $cron],
            'a consumer' => [null, null, 'global', self::CONSUMER, 5, 'queue', self::UNKNOWN],
            'a consumer in the panel\'s area' => [2, 8, 'adminhtml', self::CONSUMER, 5, 'queue', self::UNKNOWN],
            'a command in the panel\'s area' => [2, 8, 'adminhtml', self::COMMAND, 5, 'cli', self::UNKNOWN],
            'a command line without an area' => [null, null, null, self::COMMAND, 5, 'cli', self::UNKNOWN],
            'an area of another extension' => [null, null, 'kiosk', self::WEB, 5, 'magento', self::UNKNOWN],
        ];
    }

    /** @dataProvider whoSaysThatItIsAnEcho */
    public function testWhatTheErpBroughtAboutIsMarkedAndStillTellsWhoDidIt(
        int $type,
        string $named,
        array $header,
        string $origin
    ): void {
        $cause = $this->causes($this->user($type, 3), 'webapi_rest', self::WEB + $header, $named)->of(null);
        self::assertSame($origin, $cause->origin);
        self::assertSame(3, $cause->actor['id']);
    }

    public static function whoSaysThatItIsAnEcho(): array
    {
        $header = ['HTTP_X_ERP_SIDECAR_ORIGIN' => 'erp'];
        return [
            'an integration that is named' => [1, '2, 3', [], 'erp'],
            'an integration that is not' => [1, '2,33', [], 'rest'],
            'an integration, for this request' => [1, '', $header, 'erp'],
            'an integration that says something else' => [1, '', ['HTTP_X_ERP_SIDECAR_ORIGIN' => 'web'], 'rest'],
            'an admin with that id' => [2, '3', $header, 'rest'],
            'a customer who sends the header' => [3, '3', $header, 'rest'],
        ];
    }

    public function testATraceIsTakenOver(): void
    {
        $causes = $this->causes($this->user(null, null), 'frontend', self::WEB + ['HTTP_TRACEPARENT' => self::TRACE]);
        self::assertSame(self::TRACE, $causes->of(null)->traceParent);
    }

    public function testARequestBeginsOneTraceForAllItsEvents(): void
    {
        $causes = $this->causes($this->user(null, null), 'frontend', self::WEB + ['HTTP_TRACEPARENT' => 'nonsense']);
        $first = $causes->of(null)->traceParent;
        self::assertSame($first, TraceParent::accepted($first));
        self::assertNotNull($first);
        self::assertSame($first, $causes->of(5)->traceParent);
    }

    public function testAProcessWithoutARequestBeginsATraceForEachEvent(): void
    {
        $causes = $this->causes($this->user(null, null), 'crontab', []);
        self::assertNotSame($causes->of(null)->traceParent, $causes->of(null)->traceParent);
    }

    public function testASessionThatCannotBeReadIsNobodysAndTheSaveGoesOn(): void
    {
        $context = $this->createMock(UserContextInterface::class);
        $context->method('getUserType')->willThrowException(new \RuntimeException('session storage is full'));
        $cause = $this->causes($context, 'adminhtml', self::WEB)->of(5);
        self::assertSame(['type' => 'admin', 'id' => null], $cause->actor);
    }

    public function testAFailureOfTheDatabaseIsThrownOn(): void
    {
        $error = new \RuntimeException('token', 0, new \PDOException('server has gone away'));
        $context = $this->createMock(UserContextInterface::class);
        $context->method('getUserType')->willThrowException($error);
        $this->expectExceptionObject($error);
        $this->causes($context, 'webapi_rest', self::WEB)->of(5);
    }

    private function user(?int $type, ?int $id): UserContextInterface
    {
        $context = $this->createMock(UserContextInterface::class);
        $context->method('getUserType')->willReturn($type);
        $context->method('getUserId')->willReturn($id);
        return $context;
    }

    private function causes(
        UserContextInterface $context,
        ?string $area,
        array $server,
        string $echoes = ''
    ): CurrentCause {
        $request = new Http($server);
        $config = new \StandinConfig(
            __DIR__ . '/../../../etc/config.xml',
            ['erp_sidecar_outbox/echo/integrations' => $echoes]
        );
        return new CurrentCause(
            $context,
            new State($area),
            $request,
            new SystemRandomness(),
            new EchoRules($config, $request)
        );
    }
}
