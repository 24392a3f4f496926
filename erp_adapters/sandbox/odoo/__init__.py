"""A sandbox that answers as Odoo 19 was measured to: JSON-2, a durable ledger, and what people do there.

It plays the models that a shop's orders touch, and is as strict as the real one about what it knows. What was not
measured on a real Odoo is not played: it refuses methods, fields and operators that it does not know.
"""
