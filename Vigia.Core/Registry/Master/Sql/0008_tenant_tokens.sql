-- A tenant that the product registers must not inherit the tokens of another one that had its name
-- (docs/rules.md#tenant-tokens). Rows that are there keep what they have.
ALTER TABLE public.clientes_saas ALTER COLUMN tokens_valid_after SET DEFAULT now();
