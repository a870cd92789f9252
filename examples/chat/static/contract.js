// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.
export const CONTRACT = "6120c45a36186913";
