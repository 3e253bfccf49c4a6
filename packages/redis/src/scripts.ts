/** A Lua script: Redis runs it as one atomic step. All keys of an instance have the same hash tag. */
export type Script = string

/** A key of another type, which this package never writes, counts as missing. So does a log of another type. */
const GET = `
local function get(key)
  local value = redis.pcall('GET', key)
  if type(value) == 'table' then
    redis.call('DEL', key)
    return false
  end
  return value
end
local function logAt(key)
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'stream' and kind ~= 'none' then redis.call('DEL', key) end
  return key
end
local function last(key)
  local log = logAt(key)
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
if value and string.gsub(value, '^%d+:', '') == ARGV[1] then redis.call('DEL', KEYS[1]) end
`

/**
 * Keys: entry, log, since when the log must be kept. Arguments: rank, text, milliseconds of the entry, milliseconds and
 * length of the log, channel. An entry is stored as its rank, its id in the log and its text. The log is kept for longer
 * while an entry lives longer, for processes that start later. The last entry but one is always kept: processes that have
 * read that would take the log for emptied.
 */
export const APPEND: Script = `${GET}
local held, id = string.match(get(KEYS[1]) or '', '^(%d+):(%d+%-%d+):')
local rank, heldRank = tonumber(ARGV[1]), tonumber(held)
local forMs = tonumber(ARGV[3])
local log = logAt(KEYS[2])
if heldRank and heldRank > rank then return end
if heldRank == rank and redis.call('PTTL', KEYS[1]) >= 0.9 * forMs then
  if #redis.call('XRANGE', log, id, id) > 0 then return end
end
local now = redis.call('TIME')[1] * 1000
local newest = tonumber(string.match(last(log), '^%d+')) or now
local added = redis.call('XADD', log, 'MAXLEN', '~', ARGV[5], '*', 'key', KEYS[1], 'text', ARGV[2])
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. added .. ':' .. ARGV[2], 'PX', ARGV[3])
local since = tonumber(get(KEYS[3]) or '') or now
if forMs > tonumber(ARGV[4]) then
  local keepForMs = math.max(forMs, redis.call('PTTL', KEYS[3]))
  redis.call('SET', KEYS[3], string.format('%.0f', since), 'PX', string.format('%.0f', keepForMs))
end
local oldest = string.format('%.0f', math.max(0, math.min(now - ARGV[4], since, newest)))
redis.call('XTRIM', log, 'MINID', '~', oldest)
redis.call('PUBLISH', ARGV[6], '')
`

/**
 * Keys: log. Arguments: an id or an empty string, how many. Returns the last position, the length, whether the entry
 * with that id is there, and the entries after it.
 */
export const READ: Script = `${GET}
local after = ARGV[1]
local log = logAt(KEYS[1])
local isThere = after == '' or #redis.call('XRANGE', log, after, after) > 0
local entries = redis.call('XRANGE', log, after == '' and '-' or '(' .. after, '+', 'COUNT', ARGV[2])
return { last(log), redis.call('XLEN', log), isThere and 1 or 0, entries }
`

/** Keys: entries. Returns the text of each, or false. */
export const FIND: Script = `${GET}
local found = {}
for i, key in ipairs(KEYS) do
  local held = get(key)
  found[i] = held and string.gsub(held, '^%d+:%d+%-%d+:', '')
end
return found
`

/** Returns the section of `INFO` with the eviction policy, or an empty string if the user must not see it. */
export const MEMORY: Script = `
local info = redis.pcall('INFO', 'memory')
return type(info) == 'table' and '' or info
`
