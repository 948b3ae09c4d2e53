select table_name, column_name, any_value(columns(* exclude (table_name, column_name)))
from ledger.columns
group by table_name, column_name;
