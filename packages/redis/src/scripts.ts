/** A Lua script: Redis runs it as one atomic step. All keys of an instance have the same hash tag. */
export type Script = string

/** A key of another type, which this package never writes, counts as missing. */
const GET = `
local function get(key)
  local value = redis.pcall('GET', key)
  if type(value) == 'table' then
    redis.call('DEL', key)
    return false
  end
  return value
end
local function last(log)
  local entry = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  return entry and entry[1] or ''
end
`

/**
 * Keys: value, lease, log. Arguments: owner, milliseconds of the lease. Returns the last position of the log, whether
 * the lease was taken, and the value with its remaining milliseconds, if there is one.
 */
export const CLAIM: Script = `${GET}
local value = get(KEYS[1])
if value then return { last(KEYS[3]), 0, value, redis.call('PTTL', KEYS[1]) } end
get(KEYS[2])
local leased = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
return { last(KEYS[3]), leased and 1 or 0 }
`

/** Keys: value, lease. Arguments: owner, value or an empty string, its milliseconds. */
export const SETTLE: Script = `${GET}
if get(KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
`

/** Keys: value. Arguments: the value to remove. */
export const REMOVE: Script = `${GET}
local value = get(KEYS[1])
if value and string.match(value, '^%d+:(.*)$') == ARGV[1] then redis.call('DEL', KEYS[1]) end
`

/**
 * Keys: entry, log, since when the log must be kept. Arguments: rank, text, milliseconds of the entry, milliseconds and
 * length of the log, channel. An entry is stored as its rank, a colon and its text. The log is kept for longer while an
 * entry lives longer, for processes that start later.
 */
export const APPEND: Script = `${GET}
local held = get(KEYS[1])
local rank = held and tonumber(string.match(held, '^(%d+):'))
local forMs = tonumber(ARGV[3])
if rank and rank > tonumber(ARGV[1]) then return end
if rank and rank == tonumber(ARGV[1]) and redis.call('PTTL', KEYS[1]) >= 0.9 * forMs then return end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
local now = redis.call('TIME')[1] * 1000
local since = tonumber(get(KEYS[3]) or '') or now
if forMs > tonumber(ARGV[4]) then
  local keepForMs = math.max(forMs, redis.call('PTTL', KEYS[3]))
  redis.call('SET', KEYS[3], string.format('%.0f', since), 'PX', string.format('%.0f', keepForMs))
end
local oldest = string.format('%.0f', math.max(0, math.min(now - ARGV[4], since)))
redis.call('XTRIM', KEYS[2], 'MINID', '~', oldest)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', 'key', KEYS[1], 'text', ARGV[2])
redis.call('PUBLISH', ARGV[6], '')
`

/**
 * Keys: log. Arguments: an id or an empty string, how many. Returns the last position, the length, whether the entry
 * with that id is there, and the entries after it.
 */
export const READ: Script = `${GET}
local after = ARGV[1]
local isThere = after == '' or #redis.call('XRANGE', KEYS[1], after, after) > 0
local entries = redis.call('XRANGE', KEYS[1], after == '' and '-' or '(' .. after, '+', 'COUNT', ARGV[2])
return { last(KEYS[1]), redis.call('XLEN', KEYS[1]), isThere and 1 or 0, entries }
`

/** Keys: entries. Returns what is stored under each, or false. */
export const FIND: Script = `${GET}
local found = {}
for i, key in ipairs(KEYS) do found[i] = get(key) end
return found
`

/** Returns the section of `INFO` with the eviction policy. */
export const MEMORY: Script = `return redis.call('INFO', 'memory')`
