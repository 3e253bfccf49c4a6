/** Whether a JSON value is free of noncharacters, as I-JSON requires: RFC 7493 section 2.1. */
export function isIJson(value: unknown): boolean {
  return !/\p{Noncharacter_Code_Point}/u.test(JSON.stringify(value))
}
