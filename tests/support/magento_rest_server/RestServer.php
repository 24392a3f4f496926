<?php

declare(strict_types=1);

use Magento\Framework\Exception\LocalizedException;
use Magento\Framework\Webapi\Exception as WebapiException;

/**
 * One request: faults that were ordered, who asks, which service, and the answer in Magento's form.
 */
class RestServer
{
    private const ASSIGN = 'Magento_InventoryApi::stock_source_item_assign';
    private const OF_THE_MODULES = ['origin' => 'has_module_route', 'source_items' => 'has_stock_feed'];

    /** Method, path, the resource that it needs, and the call's name here. */
    private const ROUTES = [
        ['POST', '~^/rest(?:/[a-z_0-9]+)?/V1/order/(\d+)/ship$~', 'Magento_Sales::ship', 'ship'],
        ['POST', '~^/rest(?:/[a-z_0-9]+)?/V1/order/(\d+)/invoice$~', 'Magento_Sales::invoice', 'invoice'],
        ['POST', '~^/rest(?:/[a-z_0-9]+)?/V1/order/(\d+)/refund$~', 'Magento_Sales::creditmemo', 'refund_order'],
        ['POST', '~^/rest(?:/[a-z_0-9]+)?/V1/invoice/(\d+)/refund$~', 'Magento_Sales::sales_invoice', 'refund_invoice'],
        ['POST', '~^/rest(?:/[a-z_0-9]+)?/V1/orders/(\d+)/cancel$~', 'Magento_Sales::cancel', 'cancel'],
        ['POST', '~^/rest(?:/[a-z_0-9]+)?/V1/shipment/track$~', 'Magento_Sales::ship', 'track'],
        ['GET', '~^/rest(?:/[a-z_0-9]+)?/V1/erp-sidecar/origin$~', 'Magento_Backend::admin', 'origin'],
        ['POST', '~^/rest(?:/[a-z_0-9]+)?/V1/erp-sidecar/source-items$~', self::ASSIGN, 'source_items'],
    ];

    private const MAINTENANCE = '<!doctype html><html><head><title>Service Temporarily Unavailable</title></head>'
        . '<body><h1>Service Temporarily Unavailable</h1></body></html>';
    private const BROKEN = '<!doctype html><html><head><title>Magento</title></head>'
        . '<body><h1>There has been an error processing your request</h1></body></html>';

    public function __construct(private readonly RestDesk $desk)
    {
    }

    public function answer(): void
    {
        [$call, $resource, $id] = $this->route();
        $fault = $this->desk->fault($call);
        $body = (string) file_get_contents('php://input');
        $this->desk->note(['call' => $call, 'id' => $id, 'body' => $body, 'headers' => $this->headers()]);
        match ($fault) {
            'maintenance' => $this->say(503, self::MAINTENANCE, 'text/html'),
            'error_page' => $this->say(500, self::BROKEN, 'text/html'),
            'throttled' => $this->say(429, '<html>Too Many Requests</html>', 'text/html', ['Retry-After: 7']),
            'not_json' => $this->say(200, '<html>Welcome</html>', 'text/html'),
            default => $this->serve($call, $resource, $id, $body, $fault),
        };
    }

    private function serve(string $call, string $resource, int $id, string $body, string $fault): void
    {
        $settings = $this->desk->settings();
        try {
            $caller = RestCaller::of((string) ($_SERVER['HTTP_AUTHORIZATION'] ?? ''), $settings);
            if ($call === '' || !($settings[self::OF_THE_MODULES[$call] ?? ''] ?? true)) {
                throw new RestError(404, 'Request does not match any route.');
            }
            $caller->require($resource);
            $given = $body === '' ? [] : json_decode($body, true, 64);
            if (!is_array($given)) {
                throw RestError::refused('Decoding error.');
            }
            $result = $this->done($call, $id, $given, new RestShop($settings, $caller, $this->desk, $fault));
        } catch (RestError $error) {
            $this->sayError($error, $settings['is_developer_mode']);
            return;
        } catch (LocalizedException $error) {
            $this->sayError(new RestError(400, $error->getMessage()), $settings['is_developer_mode']);
            return;
        } catch (WebapiException $error) {
            $this->sayError(new RestError($error->getHttpCode(), $error->getMessage()), $settings['is_developer_mode']);
            return;
        } catch (\Throwable $error) {
            file_put_contents('php://stderr', "$error\n");
            $words = 'Internal Error. Details are available in Magento log file. Report ID: webapi-' . uniqid();
            $this->sayError(new RestError(500, $words), $settings['is_developer_mode']);
            return;
        }
        $this->desk->note(['moment' => 'committed', 'call' => $call]);
        match ($fault) {
            'lost_answer' => $this->desk->waitAtTheGate(),
            'error_after_commit' => $this->say(500, self::BROKEN, 'text/html'),
            'cut_answer' => $this->say(200, '', 'application/json', ['Content-Length: 99']),
            default => $this->say(200, json_encode($result, JSON_THROW_ON_ERROR), 'application/json'),
        };
    }

    /** @param array<string, mixed> $given */
    private function done(string $call, int $id, array $given, RestShop $shop): mixed
    {
        return match ($call) {
            'ship' => (new RestShipping($shop))->ship($id, $given),
            'track' => (new RestShipping($shop))->addTrack($given),
            'invoice' => (new RestInvoicing($shop))->invoice($id, $given),
            'refund_order' => (new RestRefunding($shop))->refundOrder($id, $given),
            'refund_invoice' => (new RestRefunding($shop))->refundInvoice($id, $given),
            'cancel' => (new RestCancelling($shop))->cancel($id),
            'origin' => $shop->origin(),
            'source_items' => $shop->applyStock($given, $this->desk->settings()['array_limit']),
        };
    }

    /** @return array{string, string, int} call, resource and id; empty where no route matches */
    private function route(): array
    {
        $path = (string) parse_url((string) $_SERVER['REQUEST_URI'], PHP_URL_PATH);
        foreach (self::ROUTES as [$method, $pattern, $resource, $call]) {
            if ($_SERVER['REQUEST_METHOD'] === $method && preg_match($pattern, $path, $found) === 1) {
                return [$call, $resource, (int) ($found[1] ?? 0)];
            }
        }
        return ['', '', 0];
    }

    /** @return array<string, string> what a test wants to know of them, the token not among it */
    private function headers(): array
    {
        return [
            'host' => (string) ($_SERVER['HTTP_HOST'] ?? ''),
            'origin' => (string) ($_SERVER['HTTP_X_ERP_SIDECAR_ORIGIN'] ?? ''),
            'path' => (string) $_SERVER['REQUEST_URI'],
        ];
    }

    private function sayError(RestError $error, bool $isDeveloperMode): void
    {
        $answer = ['message' => $error->getMessage()];
        $answer += $error->parameters === [] ? [] : ['parameters' => $error->parameters];
        $answer += $isDeveloperMode ? ['trace' => $error->getTraceAsString()] : [];
        $this->say($error->status, json_encode($answer, JSON_THROW_ON_ERROR), 'application/json');
    }

    /** @param list<string> $headers */
    private function say(int $status, string $content, string $type, array $headers = []): void
    {
        http_response_code($status);
        header("Content-Type: $type; charset=utf-8");
        array_map(header(...), $headers);
        echo $content;
    }
}
