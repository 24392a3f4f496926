"""How a profile says where stock levels are."""

from pydantic import Field

from erp_adapters.profiled.form import Count, Jmes, Part, Path, Text


class LevelReading(Part):
    """How one row of a stock list of theirs is read; expressions start at the row. There is one for each SKU and
    warehouse, or they stand beside one another on one page: those are summed up.
    """

    each: Jmes = Field(description="where the rows are")
    sku: Jmes = Field(description="the row's SKU")
    warehouse: Jmes = Field(description="the row's warehouse")
    on_hand: Jmes = Field(description="how many are there")
    reserved: Jmes | None = Field(default=None, description="how many of them are promised to somebody")
    available: Jmes | None = Field(default=None, description="how many can still be promised")
    unit: Jmes | None = Field(default=None, description="the unit of these quantities")


class StockList(Part):
    """Reads stock, a page at a time; `batch` SKUs go into one call, one parameter each."""

    path: Path = Field(description="a path such as /api/stock")
    sku: Text = Field(description="the query parameter that carries a SKU")
    warehouse: Text = Field(description="the query parameter that carries a warehouse")
    batch: Count = Field(default=1, le=1000, description="how many SKUs one call may ask for")
    cursor: Text = Field(description="the query parameter that carries the cursor")
    next: Jmes = Field(description="the next cursor")
    more: Jmes = Field(description="true while there is more")
    as_of: Jmes | None = Field(default=None, description="the ERP's clock when it read, ISO 8601 with zone")
    levels: LevelReading = Field(description="a table with each, sku, warehouse, on_hand, reserved, available, unit")
