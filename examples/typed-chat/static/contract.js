// Written from the handlers, by `UPDATE_CATALOGUE=1 cargo test`. Do not edit.
export const CONTRACT = "67054b32b6ab208a";
