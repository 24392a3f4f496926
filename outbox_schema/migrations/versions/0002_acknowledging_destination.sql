-- Revision 0002: one destination acknowledges; what others confirm stays due for ever and is not walked through.
ALTER TABLE {prefix}erp_document
    DROP KEY {prefix}erp_document_due,
    ADD KEY {prefix}erp_document_due (destination, is_due, confirmed_at);
