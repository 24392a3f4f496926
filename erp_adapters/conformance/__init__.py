"""The suite that every adapter passes against the ERP it speaks to, or against one that plays it.

A test module for an adapter is a harness and one subclass:

    class TestMyErp(AdapterConformance):
        @pytest.fixture
        def harness(self) -> Harness: ...
"""
