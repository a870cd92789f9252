// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.
export const CONTRACT = "2ad5593a60cda7c9";
