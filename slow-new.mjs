// ../../tmp/m/slow.ts
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { lookup } from "node:dns";

// packages/core/src/signature.node.ts
import { Buffer as Buffer2 } from "node:buffer";
import { constants, createPublicKey, hash, verify } from "node:crypto";

// packages/core/src/algorithms.ts
var ALGORITHMS = {
  RS256: { kty: "RSA", hash: 256, padding: "pkcs1" },
  RS384: { kty: "RSA", hash: 384, padding: "pkcs1" },
  RS512: { kty: "RSA", hash: 512, padding: "pkcs1" },
  PS256: { kty: "RSA", hash: 256, padding: "pss" },
  PS384: { kty: "RSA", hash: 384, padding: "pss" },
  PS512: { kty: "RSA", hash: 512, padding: "pss" },
  ES256: { kty: "EC", crv: "P-256", hash: 256 },
  ES384: { kty: "EC", crv: "P-384", hash: 384 },
  ES512: { kty: "EC", crv: "P-521", hash: 512 },
  EdDSA: { kty: "OKP", crv: "Ed25519" },
  Ed25519: { kty: "OKP", crv: "Ed25519" }
};
function isAlgorithm(value) {
  return typeof value === "string" && Object.hasOwn(ALGORITHMS, value);
}

// packages/core/src/errors.ts
var AUTH_ERRORS = {
  "credentials-missing": [401, "No credential was sent", "Send a token in the Authorization header, as Bearer."],
  "credentials-malformed": [
    400,
    "The credential cannot be read",
    "Send an Authorization header with the word Bearer, one space and one token."
  ],
  "credentials-ambiguous": [400, "More than one credential was sent", "Send exactly one Authorization header."],
  "token-malformed": [401, "The token is not well formed", "Send the token unchanged, as it was issued."],
  "token-too-large": [401, "The token is too large", "Ask for a token with fewer custom claims."],
  "token-header-invalid": [401, "The header of the token is not valid", "Send the token unchanged, as it was issued."],
  "token-invalid-algorithm": [
    401,
    "The token is signed with an algorithm that is not accepted",
    "Send a token that the Clerk instance of this API issued."
  ],
  "token-critical-header": [
    401,
    "The token demands an extension that is not understood",
    "Send a token without critical header parameters."
  ],
  "token-type-mismatch": [
    401,
    "This kind of token is not accepted here",
    "Send the kind of token that this route is for."
  ],
  "jwk-kid-mismatch": [
    401,
    "The token is signed with a key that the issuer does not publish",
    "Check that the token and this API belong to the same Clerk instance."
  ],
  "jwk-unsuitable": [
    401,
    "The key of the token may not verify it",
    "Check the algorithm and the strength of the key that the issuer publishes."
  ],
  "token-invalid-signature": [
    401,
    "The signature of the token is not valid",
    "Send the token unchanged, and check that it belongs to the Clerk instance of this API."
  ],
  "token-claim-invalid": [
    401,
    "A claim of the token is missing or not valid",
    "Send a token that the Clerk instance of this API issued."
  ],
  "token-expired": [401, "The token has expired", "Get a new token and ask again."],
  "token-not-active-yet": [401, "The token is not valid yet", "Check that the clocks are in sync, and ask again."],
  "token-iat-in-the-future": [
    401,
    "The token was issued in the future",
    "Check that the clocks are in sync, and ask again."
  ],
  "token-invalid-issuer": [
    401,
    "The token was issued by another issuer",
    "Check that the token and this API belong to the same Clerk instance."
  ],
  "token-invalid-audience": [401, "The token is meant for another audience", "Get a token for this API."],
  "token-invalid-authorized-parties": [
    401,
    "The token was issued to a party that is not authorized",
    "Ask from an application that this API names among its authorized parties."
  ],
  "token-not-found": [
    401,
    "The token is not known",
    "Check that the token and this API belong to the same Clerk instance."
  ],
  "token-revoked": [401, "The token has been revoked", "Get a new token and ask again."],
  "token-inactive": [401, "The token is not active", "Get a new token and ask again."],
  "token-binding-unsupported": [
    401,
    "The token is bound to a key or a certificate",
    "Get a token that is not bound: this API cannot check DPoP proofs or client certificates."
  ],
  "machine-out-of-scope": [
    401,
    "The token is not meant for this machine",
    "Give the calling machine the scope of this one, then ask with a new token."
  ],
  "session-pending": [401, "The session is pending", "Finish the tasks of the session, then ask with a new token."],
  "org-missing": [403, "No organization is active", "Choose an organization, then ask with a new token."],
  "org-mismatch": [
    403,
    "Another organization is active",
    "Switch to the organization of this resource, then ask with a new token."
  ],
  "role-missing": [403, "The role is not sufficient", "Ask an administrator of the organization for the role."],
  "permission-missing": [
    403,
    "A permission is missing",
    "Ask an administrator of the organization for the permission."
  ],
  "feature-missing": [403, "A feature is missing", "Choose a plan that has the feature."],
  "plan-missing": [403, "The plan is not sufficient", "Choose the plan that this resource asks for."],
  "scope-missing": [403, "A scope is missing", "Get a token that was granted the scope."],
  "machine-not-allowed": [403, "This machine is not allowed here", "Call from a machine that this route is for."],
  "client-not-allowed": [403, "This client is not allowed here", "Call from an OAuth client that this route is for."],
  "impersonation-denied": [
    403,
    "Impersonated sessions are not allowed here",
    "Sign in as yourself, then ask with a new token."
  ],
  "reverification-required": [
    403,
    "The user has to be verified again",
    "Verify the user again, then ask with a new token."
  ],
  "origin-not-allowed": [
    403,
    "A request with a cookie may not come from this origin",
    "Send the token in the Authorization header, or ask from an application that this API names."
  ],
  "check-failed": [403, "A condition of this API is not met", "Ask the operator of this API what it asks for."],
  "keys-unavailable": [
    503,
    "The keys of the issuer cannot be had at the moment",
    "Ask again after the time that Retry-After gives."
  ],
  "verification-unavailable": [
    503,
    "The token cannot be verified at the moment",
    "Ask again after the time that Retry-After gives."
  ],
  "verification-rate-limited": [
    503,
    "Too many tokens are being verified at the moment",
    "Ask again after the time that Retry-After gives."
  ],
  "verification-misconfigured": [
    503,
    "This API cannot verify such a token",
    "Tell the operator of this API: its log says what is missing."
  ]
};
var BRAND = /* @__PURE__ */ Symbol.for("clerk-auth.AuthError");
var AuthError = class extends Error {
  code;
  status;
  /** The kind of the credential that was refused, where it was known. */
  tokenType;
  /** Seconds until asking again may help. Only with status 503. */
  retryAfter;
  /** What was asked for, with `reverification-required`. */
  reverification;
  /** The scopes that were asked for, with `scope-missing`. */
  scope;
  constructor(code, details = {}) {
    const { message = AUTH_ERRORS[code][1], tokenType = null, retryAfter, reverification, scope, cause } = details;
    super(message, cause === void 0 ? void 0 : { cause });
    this.name = "AuthError";
    this.code = code;
    this.status = AUTH_ERRORS[code][0];
    this.tokenType = tokenType;
    if (retryAfter !== void 0) this.retryAfter = retryAfter;
    if (reverification !== void 0) this.reverification = reverification;
    if (scope !== void 0) this.scope = scope;
    Object.defineProperty(this, BRAND, { value: true });
  }
  /** The same as `status`, under the name that Express and Fastify read. */
  get statusCode() {
    return this.status;
  }
  /**
   * Headers for an answer in a format of your own: the challenge or `Retry-After`, and `Cache-Control`. A guard with
   * `refusals: 'throw'` adds the realm of the options and, where cookies are read, `Vary`. Never `Content-Type`.
   */
  get headers() {
    return refusalHeaders(this);
  }
  /** Whether `error` is an `AuthError` of any copy of this package. */
  static is(error) {
    return error instanceof Error && Object.hasOwn(error, BRAND);
  }
};
function refusalHeaders(error, realm = "api") {
  return error.status === 503 ? { "Cache-Control": "no-store", "Retry-After": String(error.retryAfter ?? 1) } : { "Cache-Control": "no-store", "WWW-Authenticate": bearerChallenge(error, realm) };
}
function bearerChallenge(error, realm) {
  const reason = bearerError(error);
  if (!reason) return `Bearer realm="${realm}"`;
  const scope = reason === "insufficient_scope" && error.scope ? `, scope="${error.scope.join(" ")}"` : "";
  return `Bearer realm="${realm}", error="${reason}", error_description="${AUTH_ERRORS[error.code][1]}"${scope}`;
}
function bearerError({ code, status, tokenType }) {
  if (code === "credentials-missing") return void 0;
  if (status === 400) return "invalid_request";
  if (status === 401) return "invalid_token";
  return code === "scope-missing" && tokenType === "oauth_token" ? "insufficient_scope" : void 0;
}

// packages/core/src/signature.node.ts
function sha256(text2) {
  return hash("sha256", text2, "hex");
}
function sha1(text2) {
  return hash("sha1", text2, "base64url");
}
function decodeBase64url(text2) {
  const bytes = Buffer2.from(text2, "base64url");
  return bytes.toString("base64url") === text2 ? bytes : void 0;
}
function importKey(jwk2, algorithms) {
  const key = createPublicKey({ key: { ...jwk2 }, format: "jwk" });
  return new Map(algorithms.map((algorithm) => [algorithm, verifierOf(algorithm, key)]));
}
function jwkOfPem(pem) {
  return createPublicKey(pem).export({ format: "jwk" });
}
function verifierOf(algorithm, key) {
  const rule = ALGORITHMS[algorithm];
  const digest = "hash" in rule ? `sha${rule.hash}` : null;
  const input = { key };
  if (rule.kty === "EC") input.dsaEncoding = "ieee-p1363";
  if (rule.kty === "RSA" && rule.padding === "pss") {
    input.padding = constants.RSA_PKCS1_PSS_PADDING;
    input.saltLength = rule.hash / 8;
  }
  if (isSlow(key)) {
    return (signingInput, signature) => inThreadPool((done) => {
      verify(digest, signingInput, input, signature, (error, valid) => done(!error && valid));
    });
  }
  return (signingInput, signature) => {
    try {
      return verify(digest, signingInput, input, signature);
    } catch {
      return false;
    }
  };
}
function isSlow(key) {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  return namedCurve === "secp384r1" || namedCurve === "secp521r1" || modulusLength > 4096;
}
var MAX_IN_THREAD_POOL = 2;
var MAX_WAITING = 256;
var inPool = 0;
var waiting = [];
function inThreadPool(verifyThen) {
  return new Promise((resolve, reject) => {
    const start = () => {
      inPool++;
      const done = (valid) => {
        inPool--;
        waiting.shift()?.();
        resolve(valid);
      };
      try {
        verifyThen(done);
      } catch {
        done(false);
      }
    };
    if (inPool < MAX_IN_THREAD_POOL) start();
    else if (waiting.length < MAX_WAITING) waiting.push(start);
    else
      reject(
        new AuthError("verification-rate-limited", {
          message: "too many tokens with a slow algorithm (ES384, ES512, RSA over 4096 bits) arrive at once",
          retryAfter: 1
        })
      );
  });
}

// packages/core/src/unpolluted.ts
function unpolluted(object, name) {
  if (!Object.hasOwn(object, name) && name in Object.prototype) return void 0;
  return object[name];
}

// packages/core/src/declaration.ts
function checkFields(what, declaration, checks) {
  for (const name of Object.keys(checks)) {
    if (unpolluted(declaration, name) !== void 0 && !Object.prototype.propertyIsEnumerable.call(declaration, name))
      throw new TypeError(`${what} "${name}" is inherited or hidden: give a plain object`);
  }
  for (const [name, value] of Object.entries(declaration)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : void 0;
    if (!check) throw new TypeError(`unknown ${what} "${name}"${suggest(name, Object.keys(checks))}`);
    const verdict = value === void 0 || check(value);
    if (verdict !== true) throw new TypeError(`${what} "${name}" ${verdict}`);
  }
}
function ownCopy(declared) {
  const own = Object.assign(/* @__PURE__ */ Object.create(null), declared);
  for (const [name, value] of Object.entries(own)) {
    if (Array.isArray(value)) own[name] = Object.freeze([...value]);
    else if (typeof value === "object" && value !== null)
      own[name] = Object.freeze(Object.assign(/* @__PURE__ */ Object.create(null), value));
  }
  return Object.freeze(own);
}
var NOTHING_DECLARED = Object.freeze(/* @__PURE__ */ Object.create(null));
function itemsOf(value) {
  return Array.isArray(value) ? Array.from(value) : [value];
}
function describe(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an instance of a class" : `a ${typeof value}`;
}
function suggest(name, known) {
  const plain = (text2) => text2.toLowerCase().replace(/[^a-z]/g, "");
  const [closest] = known.map((candidate) => ({ candidate, distance: editDistance(plain(name), plain(candidate)) })).sort((one, other) => one.distance - other.distance);
  if (closest && closest.distance <= Math.min(3, name.length / 2)) return `; did you mean "${closest.candidate}"?`;
  return `; there are ${known.map((one) => `"${one}"`).join(", ")}`;
}
function editDistance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, j2) => j2);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j2 = 1; j2 <= to.length; j2++) {
      const substituted = (row[j2 - 1] ?? 0) + (from[i - 1] === to[j2 - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j2] ?? 0) + 1, (next[j2 - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

// packages/core/src/accepts-token.ts
var ANY = ["session_token", "m2m_token", "oauth_token", "api_key"];
var TOKEN_TYPES = [...ANY, "jwt_template"];
function tokenTypesOf(acceptsToken = "session_token") {
  return acceptsToken === "any" ? ANY : typeof acceptsToken === "string" ? [acceptsToken] : acceptsToken;
}
function checkAcceptsToken(value) {
  const kinds = itemsOf(value);
  if (value === "any" || kinds.length > 0 && kinds.every((kind) => TOKEN_TYPES.includes(kind))) return true;
  return `must be "any", or one or several of ${TOKEN_TYPES.map((kind) => `"${String(kind)}"`).join(", ")}`;
}

// packages/core/src/json.ts
function member(object, name) {
  return Object.hasOwn(object, name) ? object[name] : void 0;
}
var MAX_DEPTH = 32;
var QUOTE = 34;
var BACKSLASH = 92;
var utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function parseJsonObject(bytes) {
  let text2;
  try {
    text2 = utf8.decode(bytes);
  } catch {
    return "not-utf8";
  }
  const { separators, depth } = scan(bytes);
  if (depth > MAX_DEPTH) return "too-deep";
  let value;
  try {
    value = JSON.parse(text2);
  } catch {
    return "not-an-object";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not-an-object";
  const members = freeze(value);
  if (Number.isNaN(members)) return "lone-surrogate";
  if (members !== separators) return "duplicate-member";
  return value;
}
function isTooDeep(value, depth = MAX_DEPTH) {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((member2) => isTooDeep(member2, depth - 1));
}
function scan(bytes) {
  let separators = 0;
  let open = 0;
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfString(bytes, i);
        break;
      case 58:
        separators++;
        break;
      case 91:
      // [
      case 123:
        depth = Math.max(depth, ++open);
        break;
      case 93:
      // ]
      case 125:
        open--;
        break;
    }
  }
  return { separators, depth };
}
function endOfString(bytes, start) {
  let i = start + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}
function freeze(value) {
  if (typeof value === "string") return value.isWellFormed() ? 0 : Number.NaN;
  if (typeof value !== "object" || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += freeze(item);
  } else {
    for (const [name, member2] of Object.entries(value)) members += freeze(name) + 1 + freeze(member2);
  }
  Object.freeze(value);
  return members;
}

// packages/core/src/organization.ts
var NONE = { orgId: void 0, orgSlug: void 0, orgRole: void 0, orgPermissions: void 0 };
function activeOrganization(claims) {
  return member(claims, "v") === 2 ? fromVersion2(claims) : fromVersion1(claims);
}
function prefixWithOrg(name) {
  return name.replace(/^(org:)*/, "org:");
}
function splitByScope(claim) {
  const org = [];
  const user = [];
  for (const entry of list(claim)) {
    const colon = entry.indexOf(":");
    if (colon === -1) return { org: [], user: [] };
    const scope = entry.slice(0, colon);
    const name = entry.slice(colon + 1);
    if (scope === "o" || scope === "ou" || scope === "uo") org.push(name);
    if (scope === "u" || scope === "ou" || scope === "uo") user.push(name);
  }
  return { org, user };
}
function fromVersion1(claims) {
  const orgId = textOf(member(claims, "org_id"));
  if (!orgId) return NONE;
  const role = textOf(member(claims, "org_role"));
  const permissions = member(claims, "org_permissions");
  return {
    orgId,
    orgSlug: textOf(member(claims, "org_slug")),
    orgRole: role && prefixWithOrg(role),
    orgPermissions: Array.isArray(permissions) ? Object.freeze(permissions.filter((permission) => typeof permission === "string")) : void 0
  };
}
function fromVersion2(claims) {
  const packed = member(claims, "o");
  if (typeof packed !== "object" || packed === null) return NONE;
  const o = packed;
  const orgId = textOf(member(o, "id"));
  if (!orgId) return NONE;
  const role = textOf(member(o, "rol"));
  const [permissions, masks] = [list(member(o, "per")), list(member(o, "fpm"))];
  return {
    orgId,
    orgSlug: textOf(member(o, "slg")),
    orgRole: role && prefixWithOrg(role),
    orgPermissions: Object.freeze(permissionsOf(splitByScope(member(claims, "fea")).org, permissions, masks))
  };
}
function permissionsOf(features, names, masks) {
  const permissions = [];
  for (const [i, feature] of features.entries()) {
    const digits = masks[i] ?? "";
    if (!/^\d+$/.test(digits)) continue;
    const bits = BigInt(digits).toString(2);
    for (const [j2, name] of names.entries()) if (bits.at(-1 - j2) === "1") permissions.push(`org:${feature}:${name}`);
  }
  return permissions;
}
function list(claim) {
  return typeof claim === "string" && claim !== "" ? claim.split(",").map((entry) => entry.trim()) : [];
}
function textOf(value) {
  return typeof value === "string" && value !== "" ? value : void 0;
}

// packages/core/src/reverification.ts
var PRESETS = {
  strict_mfa: { level: "multi_factor", afterMinutes: 10 },
  strict: { level: "second_factor", afterMinutes: 10 },
  moderate: { level: "second_factor", afterMinutes: 60 },
  lax: { level: "second_factor", afterMinutes: 1440 }
};
var LEVELS = /* @__PURE__ */ new Set(["first_factor", "second_factor", "multi_factor"]);
var NOT_ENROLLED = -1;
function isReverification(value) {
  if (typeof value === "string") return Object.hasOwn(PRESETS, value);
  if (typeof value !== "object" || value === null) return false;
  const { level, afterMinutes } = value;
  return LEVELS.has(level) && typeof afterMinutes === "number" && Number.isFinite(afterMinutes) && afterMinutes > 0;
}
function factorAges(fva) {
  if (!Array.isArray(fva) || fva.length !== 2) return null;
  const [first, second] = fva;
  return isAge(first) && isAge(second) ? [first, second] : null;
}
function isAge(age) {
  return typeof age === "number" && Number.isFinite(age) && (age === NOT_ENROLLED || age >= 0);
}
function isReverified(ages, asked) {
  if (!ages) return false;
  const { level, afterMinutes } = typeof asked === "string" ? PRESETS[asked] : asked;
  const [first, second] = ages;
  const isFresh = (age) => age !== NOT_ENROLLED && age < afterMinutes;
  if (level === "first_factor") return isFresh(first);
  if (second === NOT_ENROLLED) return isFresh(first);
  if (level === "second_factor") return isFresh(second);
  return isFresh(first) && isFresh(second);
}

// packages/core/src/has.ts
var hasNothing = Object.freeze((_asked) => false);
function hasAll(facts, asked) {
  const { role, permission, feature, plan, reverification } = asked ?? {};
  const answers = [];
  if (role !== void 0) answers.push(hasRole(facts, role));
  if (permission !== void 0) answers.push(hasPermission(facts, permission));
  if (feature !== void 0) answers.push(hasFeature(facts, feature));
  if (plan !== void 0) answers.push(hasPlan(facts, plan));
  if (reverification !== void 0) answers.push(hasReverification(facts, reverification));
  return answers.length > 0 && answers.every(Boolean);
}
function hasRole({ orgId, orgRole }, role) {
  return isText(role) && orgId !== void 0 && orgRole === prefixWithOrg(role);
}
function hasPermission({ orgId, orgPermissions }, permission) {
  return isText(permission) && orgId !== void 0 && orgPermissions?.includes(prefixWithOrg(permission)) === true;
}
function hasFeature({ sessionClaims }, feature) {
  return isInScope(member(sessionClaims, "fea"), feature);
}
function hasPlan({ sessionClaims }, plan) {
  return isInScope(member(sessionClaims, "pla"), plan);
}
function hasReverification({ sessionClaims }, asked) {
  return isReverification(asked) && isReverified(factorAges(member(sessionClaims, "fva")), asked);
}
var ORG_SCOPES = /* @__PURE__ */ new Set(["o", "org", "organization"]);
var USER_SCOPES = /* @__PURE__ */ new Set(["u", "user"]);
function isInScope(claim, asked) {
  if (!isText(asked)) return false;
  const { org, user } = splitByScope(claim);
  if (!asked.includes(":")) return org.includes(asked) || user.includes(asked);
  const [scope, name] = asked.split(":");
  if (!name) return false;
  if (ORG_SCOPES.has(scope)) return org.includes(name);
  if (USER_SCOPES.has(scope)) return user.includes(name);
  return false;
}
function isText(value) {
  return typeof value === "string" && value !== "";
}

// packages/core/src/auth.ts
function unauthenticated(error) {
  return Object.freeze({
    isAuthenticated: false,
    tokenType: null,
    error,
    userId: null,
    sessionId: null,
    sessionClaims: null,
    sessionStatus: error.code === "session-pending" ? "pending" : null,
    orgId: null,
    orgRole: null,
    orgSlug: null,
    orgPermissions: null,
    actor: null,
    factorVerificationAge: null,
    id: null,
    subject: null,
    machineId: null,
    clientId: null,
    name: null,
    scopes: null,
    claims: null,
    audience: null,
    expiresAt: null,
    has: hasNothing
  });
}

// packages/core/src/auth-source.ts
function headerOf(source, lowerCaseName) {
  if (typeof source === "function") return source(lowerCaseName) ?? void 0;
  const { headers } = source ?? {};
  if (typeof headers === "object" && headers !== null && !isFetchHeaders(headers))
    return unpolluted(headers, lowerCaseName) ?? void 0;
  const fetchHeaders = headers ?? source;
  if (isFetchHeaders(fetchHeaders)) return fetchHeaders.get(lowerCaseName) ?? void 0;
  throw new TypeError(
    "the source has no headers: give a Request, Headers, an IncomingMessage, { headers } or a function"
  );
}
function methodOf(source) {
  return typeof source === "object" ? unpolluted(source, "method") : void 0;
}
function countOf(source, lowerCaseName) {
  const rawHeaders = source?.rawHeaders ?? [];
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) count++;
  }
  return count;
}
function isFetchHeaders(value) {
  return typeof value === "object" && value !== null && "get" in value && typeof value.get === "function";
}

// packages/core/src/authorization.ts
var SCHEME_LENGTH = "Bearer".length;
function readBearerToken(source) {
  const value = authorizationOf(source);
  if (value === void 0) return void 0;
  if (typeof value !== "string") throw new AuthError("credentials-malformed");
  const isBearer = value.charCodeAt(SCHEME_LENGTH) === 32 && value.slice(0, SCHEME_LENGTH).toLowerCase() === "bearer";
  if (!isBearer) return refuseUnlessOtherScheme(value);
  return value.slice(SCHEME_LENGTH).replace(/^ +/, "");
}
function checkBearerToken(token) {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new AuthError(holdsTwoCredentials(`Bearer ${token}`) ? "credentials-ambiguous" : "credentials-malformed");
}
function authorizationOf(source) {
  if (countOf(source, "authorization") > 1) throw new AuthError("credentials-ambiguous");
  const value = headerOf(source, "authorization");
  if (!Array.isArray(value)) return value;
  if (value.length > 1) throw new AuthError("credentials-ambiguous");
  return value[0];
}
function refuseUnlessOtherScheme(value) {
  if (holdsTwoCredentials(value)) throw new AuthError("credentials-ambiguous");
  const otherScheme = /^[!#$%&'*+.^`|~\w-]+ [\x20-\x7e]+$/;
  if (!otherScheme.test(value)) throw new AuthError("credentials-malformed");
  return void 0;
}
function holdsTwoCredentials(value) {
  return /^[^,]*,\s*bearer /i.test(value) || /^bearer +[^, ]*, [\x20-\x7e]*$/i.test(value);
}

// packages/core/src/jws.ts
var MAX_TOKEN_LENGTH = 8192;
var MAX_KID_LENGTH = 128;
var encoder = new TextEncoder();
function decodeJws(token) {
  if (token.length > MAX_TOKEN_LENGTH) throw new AuthError("token-too-large");
  const firstDot = token.indexOf(".");
  const lastDot = token.indexOf(".", firstDot + 1);
  if (firstDot <= 0 || lastDot < firstDot + 2 || token.includes(".", lastDot + 1))
    throw new AuthError("token-malformed");
  const header = checkHeader(decodePart(token.slice(0, firstDot), HEADER_FAULTS));
  const payload = decodePart(token.slice(firstDot + 1, lastDot), PAYLOAD_FAULTS);
  const signature = decodeBase64url(token.slice(lastDot + 1));
  if (!signature?.length) throw new AuthError("token-malformed");
  return { header, payload, signingInput: encoder.encode(token.slice(0, lastDot)), signature };
}
var HEADER_FAULTS = {
  "not-utf8": "token-malformed",
  "not-an-object": "token-header-invalid",
  "duplicate-member": "token-header-invalid",
  "lone-surrogate": "token-malformed",
  "too-deep": "token-malformed"
};
var PAYLOAD_FAULTS = {
  ...HEADER_FAULTS,
  "not-an-object": "token-malformed",
  "duplicate-member": "token-claim-invalid"
};
function decodePart(part, faults) {
  const bytes = decodeBase64url(part);
  if (!bytes) throw new AuthError("token-malformed");
  const object = parseJsonObject(bytes);
  if (typeof object === "string") throw new AuthError(faults[object]);
  return object;
}
function checkHeader(header) {
  const typ = checkTyp(member(header, "typ"));
  if ("crit" in header || "b64" in header) throw new AuthError("token-critical-header");
  if ("enc" in header || "zip" in header || "epk" in header || "p2c" in header)
    throw new AuthError("token-header-invalid");
  const [alg, kid, cat] = [member(header, "alg"), member(header, "kid"), member(header, "cat")];
  if (!isAlgorithm(alg)) throw new AuthError("token-invalid-algorithm");
  if (kid !== void 0 && (typeof kid !== "string" || kid === "" || kid.length > MAX_KID_LENGTH))
    throw new AuthError("token-header-invalid");
  if (cat !== void 0 && typeof cat !== "string") throw new AuthError("token-header-invalid");
  return { alg, kid, typ, cat };
}
function checkTyp(typ) {
  if (typ === void 0) return void 0;
  if (typeof typ === "string") {
    const type = typ.toLowerCase().replace(/^application\//, "");
    if (type === "jwt" || type === "at+jwt") return type;
  }
  throw new AuthError("token-type-mismatch");
}

// packages/core/src/credential.ts
var CATEGORIES = /* @__PURE__ */ new Map([
  ["cl_B7d4PD111AAA", "session_token"],
  ["cl_B7d4PD222AAA", "jwt_template"],
  ["cl_B7d4PD333AAA", "m2m_token"]
]);
var CATEGORY_IGNORE = "cl_I7d4PD111III";
var MACHINE_PREFIX = "mch_";
function readCredential(token) {
  const jws = decodeJws(token);
  return { tokenType: classify(jws.header, jws.payload), jws };
}
function classify({ typ, cat }, payload) {
  const [sub, sid] = [member(payload, "sub"), member(payload, "sid")];
  const category = cat === void 0 || cat === CATEGORY_IGNORE ? void 0 : CATEGORIES.get(cat) ?? "unknown";
  const isMachine = typeof sub === "string" && sub.startsWith(MACHINE_PREFIX);
  if (typ === "at+jwt") {
    if ((category === void 0 || category === "unknown") && !isMachine) return "oauth_token";
    throw new AuthError("token-type-mismatch");
  }
  if (category === void 0) return isMachine ? "m2m_token" : sid === void 0 ? "jwt_template" : "session_token";
  if (category === "unknown" || isMachine !== (category === "m2m_token")) throw new AuthError("token-type-mismatch");
  return category;
}

// packages/core/src/eventually.ts
function andThen(value, next) {
  return value instanceof Promise ? value.then(next) : next(value);
}
function all(values) {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values;
}
function rescue(work, onError) {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(onError) : value;
  } catch (error) {
    return onError(error);
  }
}

// packages/core/src/impersonation.ts
function impersonationOf(auth) {
  if (auth.tokenType !== "session_token" && auth.tokenType !== "oauth_token") return void 0;
  if (auth.actor === void 0) return void 0;
  const actorId = auth.actor.sub;
  return { userId: auth.userId, actorId: typeof actorId === "string" ? actorId : null };
}

// packages/core/src/opaque-token.ts
var PREFIXES = [
  ["mt_", "m2m_token"],
  ["oat_", "oauth_token"],
  ["ak_", "api_key"]
];
var SHAPE = /^[\w-]{16,512}$/;
function opaqueTypeOf(token) {
  for (const [prefix, tokenType] of PREFIXES) if (token.startsWith(prefix)) return tokenType;
  return void 0;
}
function checkOpaqueToken(token) {
  if (!SHAPE.test(token)) throw new AuthError("token-malformed");
}

// packages/core/src/authenticate.ts
function authenticator(readToken, verifiers, keys, verified, emit) {
  function authenticate(source, accepted) {
    return rescue(
      () => andThen(readToken(source), (sent) => {
        if (!sent) throw new AuthError("credentials-missing");
        const { token, from } = sent;
        return andThen(verify2(token, from === "cookie" ? sessionsOf(accepted) : accepted, checkBearerToken), told2);
      }),
      refused
    );
  }
  function told2(auth) {
    const impersonation = impersonationOf(auth);
    if (impersonation) emit({ type: "impersonation", ...impersonation });
    return auth;
  }
  function refused(error) {
    if (!AuthError.is(error)) throw error;
    const { code, tokenType } = error;
    const isFinal = code !== "credentials-missing" && !(code === "token-type-mismatch" && tokenType);
    if (isFinal) emit({ type: "credential-refused", code, tokenType });
    return unauthenticated(error);
  }
  function verify2(token, accepted, checkCharacters = () => {
  }) {
    if (typeof token !== "string") throw new AuthError("credentials-malformed");
    const isTooLarge = token.length > MAX_TOKEN_LENGTH;
    const opaqueType = opaqueTypeOf(token);
    if (isTooLarge || opaqueType) checkCharacters(token);
    if (isTooLarge) throw new AuthError("token-too-large");
    if (opaqueType) return verifyOpaque(token, opaqueType, accepted);
    return andThen(sha256(token), (digest) => {
      const remembered = verified.get(digest);
      if (!remembered) {
        checkCharacters(token);
        return verifyJwt(token, digest, accepted);
      }
      checkAccepted(remembered.auth.tokenType, accepted);
      return verifyKeyOf(remembered, token, digest, accepted);
    });
  }
  function verifyKeyOf({ auth, kid, alg, thumbprint }, token, digest, accepted) {
    return rescue(() => {
      const found = keys.find(kid);
      const hasWaited = found instanceof Promise;
      return andThen(found, (key) => {
        const isSameKey = key.thumbprint === thumbprint && key.verifiers.has(alg);
        const stands = isSameKey && (!hasWaited || verified.get(digest) !== void 0);
        return stands ? auth : verifyJwt(token, digest, accepted);
      });
    }, refusalOf(auth.tokenType));
  }
  function verifyJwt(token, digest, accepted) {
    const { tokenType, jws } = readCredential(token);
    checkAccepted(tokenType, accepted);
    return rescue(() => {
      const verifyJws = verifiers[tokenType]?.jwt ?? cannotVerify();
      return andThen(verifyJws(jws), (result) => {
        verified.set(digest, result);
        return result.auth;
      });
    }, refusalOf(tokenType));
  }
  function verifyOpaque(token, tokenType, accepted) {
    checkAccepted(tokenType, accepted);
    return rescue(() => {
      checkOpaqueToken(token);
      return (verifiers[tokenType]?.opaque ?? cannotVerify())(token);
    }, refusalOf(tokenType));
  }
  return { authenticate, verify: verify2 };
}
var SESSIONS = /* @__PURE__ */ new Set(["session_token"]);
var NOTHING = /* @__PURE__ */ new Set();
function sessionsOf(accepted) {
  return accepted.has("session_token") ? SESSIONS : NOTHING;
}
function checkAccepted(tokenType, accepted) {
  if (!accepted.has(tokenType)) throw new AuthError("token-type-mismatch", { tokenType });
}
function cannotVerify() {
  throw new AuthError("verification-misconfigured", {
    message: 'no key and no secret for this kind of token: see the options "secretKey", "machineSecretKey" and "machineId"'
  });
}
function refusalOf(tokenType) {
  return (error) => {
    throw AuthError.is(error) ? Object.assign(error, { tokenType }) : error;
  };
}

// packages/core/src/clock.ts
function systemClock(now2 = Date.now) {
  return { now: now2, monotonic: () => performance.now() };
}
function instantOf(clock) {
  return { now: clock.now(), monotonic: clock.monotonic() };
}
function elapsedSince(instant, clock) {
  const wall = clock.now() - instant.now;
  const monotonic = clock.monotonic() - instant.monotonic;
  return wall > monotonic ? wall : monotonic;
}

// packages/core/src/challenge.ts
function checkRealm(realm) {
  const fits = typeof realm === "string" && realm.trim() !== "" && /^[ !\x23-\x5b\x5d-\x7e]+$/.test(realm);
  return fits || "must be ASCII without quotes and backslashes, and not empty";
}

// packages/core/src/machine-scope.ts
var MACHINE_ID = /^mch_\w{27}$/;
function checkMachineScope({ scopes }, machineId) {
  if (machineId !== "any" && !scopes.includes(machineId))
    throw new AuthError("machine-out-of-scope", {
      message: `the scopes of the token do not hold this machine: check that "machineId" is this service's own, and that the calling machine has its scope`
    });
}

// packages/core/src/sdk-options.ts
var NO_PAGES = "an API answers 401 and never redirects; leave it out";
var NO_SATELLITES = "that is about pages; tokens of a satellite pass as they are, so leave it out";
var NO_CLIENT = "no client of Clerk is used here; make your own with createClerkClient()";
var SDK_OPTIONS = {
  enableHandshake: NO_PAGES,
  __internal_enableHandshake: NO_PAGES,
  signInUrl: NO_PAGES,
  signUpUrl: NO_PAGES,
  afterSignInUrl: NO_PAGES,
  afterSignUpUrl: NO_PAGES,
  isSatellite: NO_SATELLITES,
  satelliteAutoSync: NO_SATELLITES,
  domain: NO_SATELLITES,
  proxyUrl: 'give the URL of the proxy as "issuer": tokens name it there',
  frontendApiProxy: 'the Frontend API is not proxied here; where something else does, give its URL as "issuer"',
  organizationSyncOptions: 'no organization is switched here; compare the one of the path with "org" in requireAuth()',
  hookName: "the hook is onRequest; give the guard of a route where it shall run",
  onError: 'set "refusals" to "throw", and handle the error in your framework',
  clerkClient: NO_CLIENT,
  apiClient: NO_CLIENT,
  debug: 'use "onEvent"',
  telemetry: "none is sent; leave it out",
  sdkMetadata: "none is sent; leave it out",
  userAgent: "none is sent; leave it out",
  skipJwksCache: 'use "keys": { "freshInMs": 0 }',
  jwksCacheTtlInMs: 'use "keys": { "freshInMs" }',
  headerType: "the type must be JWT, or at+jwt for an OAuth token; leave it out",
  requireSecretKey: 'which keys are needed follows from "acceptsToken"; leave it out'
};

// packages/core/src/options.ts
var isText2 = (value) => typeof value === "string" && value.trim() !== "";
var aText = (value) => isText2(value) || "must be a text, and not empty";
var someTexts = (value) => itemsOf(value).length > 0 && itemsOf(value).every(isText2) || "must be a text or a list of texts";
var aFunction = (value) => typeof value === "function" || "must be a function";
var aBoolean = (value) => typeof value === "boolean" || "must be true or false";
var aNumber = (value) => Number.isSafeInteger(value) && value >= 0 || "must be a whole number, 0 or more";
var aNumberUpTo = (most) => (value) => aNumber(value) === true && value <= most || `must be a whole number from 0 to ${most}`;
var aNumberOfEntries = aNumberUpTo(1e7);
var aTimeout = aNumberUpTo(36e5);
var numbers = (group, checks) => {
  return (value) => {
    if (typeof value !== "object" || value === null) return `must be an object, not ${describe(value)}`;
    checkFields(`option in "${group}"`, value, checks);
    return true;
  };
};
function checkParties(parties) {
  if (parties.includes("null")) return 'must not hold "null": it is the origin of every sandboxed page';
  if (parties.every(isOrigin)) return true;
  return 'must be origins as a browser sends them, such as "https://app.example.com", without the slash';
}
function isOrigin(party) {
  if (!/^https?:/i.test(party)) return /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(party);
  return !party.includes("*") && URL.canParse(party) && new URL(party).origin === party;
}
var OPTIONS = {
  publishableKey: (value) => isText2(value) && value.trim().startsWith("sk_") ? 'must not be a secret key: "pk_\u2026" is the publishable one' : aText(value),
  frontendApiUrl: aText,
  secretKey: (value) => isText2(value) && value.trim().startsWith("pk_") && 'must not be a publishable key: "sk_\u2026" is the secret one' || isText2(value) && /^sk_(test|live)_[\x21-\x7e]+$/.test(value.trim()) || 'must begin with "sk_test_" or "sk_live_"',
  machineSecretKey: (value) => isText2(value) && /^ak_[\x21-\x7e]+$/.test(value.trim()) || 'must begin with "ak_"',
  machineId: (value) => value === "any" || isText2(value) && MACHINE_ID.test(value) || 'must be like "mch_\u2026", or "any"',
  jwtKey: aText,
  jwks: (value) => typeof value === "object" && value !== null && Object.hasOwn(value, "keys") || "must be a JWK Set: { keys: [...] }",
  issuer: someTexts,
  audience: someTexts,
  authorizedParties: (value) => someTexts(value) === true ? checkParties(itemsOf(value)) : someTexts(value),
  missingAzp: (value) => value === "reject" || value === "allow" || 'must be "reject" or "allow"',
  acceptsToken: checkAcceptsToken,
  cookies: aBoolean,
  clockSkewInMs: aNumber,
  treatPendingAsSignedOut: aBoolean,
  apiUrl: aText,
  apiVersion: (value) => isText2(value) && /^v\d+$/.test(value) || 'must be like "v1"',
  keys: numbers("keys", { freshInMs: aNumber, staleInMs: aNumber, unknownKidEveryMs: aNumber, timeoutInMs: aTimeout }),
  cache: numbers("cache", { maxEntries: aNumberOfEntries, maxBytes: aNumber }),
  remote: numbers("remote", {
    timeoutInMs: aTimeout,
    rememberInMs: aNumber,
    maxInFlight: aNumber,
    callsPerSecond: aNumber,
    retries: aNumber
  }),
  refusals: (value) => value === "respond" || value === "throw" || 'must be "respond" or "throw"',
  refusalBody: aFunction,
  insecureAllowLocalIssuer: aBoolean,
  realm: checkRealm,
  onEvent: aFunction,
  now: aFunction,
  fetch: aFunction
};
function checkOptions(options) {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`options must be an object, not ${describe(options)}`);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(SDK_OPTIONS, name))
      throw new TypeError(
        `option "${name}" of Clerk's SDK does not exist here: ${SDK_OPTIONS[name]}`
      );
  }
  checkFields("option", options, OPTIONS);
}

// packages/core/src/environment.ts
function withEnvironment(options, environment) {
  const variables = {
    publishableKey: variable(environment, "CLERK_PUBLISHABLE_KEY"),
    frontendApiUrl: variable(environment, "CLERK_FAPI"),
    secretKey: variable(environment, "CLERK_SECRET_KEY"),
    machineSecretKey: variable(environment, "CLERK_MACHINE_SECRET_KEY"),
    machineId: variable(environment, "CLERK_MACHINE_ID"),
    jwtKey: variable(environment, "CLERK_JWT_KEY"),
    audience: list2(environment, "CLERK_AUDIENCE"),
    authorizedParties: list2(environment, "CLERK_AUTHORIZED_PARTIES"),
    apiUrl: variable(environment, "CLERK_API_URL"),
    apiVersion: variable(environment, "CLERK_API_VERSION")
  };
  const left = ([name, value]) => value !== void 0 && options[name] === void 0;
  const fromEnvironment = Object.fromEntries(Object.entries(variables).filter(left));
  checkOptions(fromEnvironment);
  return ownCopy({ ...options, ...fromEnvironment });
}
function variable(environment, name) {
  const value = unpolluted(environment, name) ?? "";
  if (typeof value !== "string") throw new TypeError(`${name} in the environment is no text: give the option instead`);
  return value.trim() || void 0;
}
function list2(environment, name) {
  return variable(environment, name)?.split(",").map((one) => one.trim());
}
function processEnvironment() {
  return globalThis.process?.env ?? {};
}

// packages/core/src/events.ts
function emitter(listener) {
  if (!listener) return () => {
  };
  return (event) => {
    try {
      const outcome = listener(event);
      if (outcome instanceof Promise) outcome.catch(() => {
      });
    } catch {
    }
  };
}

// packages/core/src/jwk.ts
function importJwk(jwk2) {
  if (typeof jwk2 !== "object" || jwk2 === null) return void 0;
  const candidate = jwk2;
  if (!isMeantToVerify(candidate)) return void 0;
  const shape = checkShape(candidate);
  if (!shape) return void 0;
  const algorithms = algorithmsOf(shape.publicJwk, candidate["alg"]);
  if (algorithms.length === 0) return void 0;
  const { publicJwk, signatureLength } = shape;
  return rescue(
    () => andThen(
      importKey(publicJwk, algorithms),
      (verifiers) => andThen(thumbprintOf(publicJwk), (thumbprint) => ({ thumbprint, signatureLength, verifiers }))
    ),
    () => void 0
  );
}
function isMeantToVerify({ use, key_ops: operations }) {
  if (use !== void 0 && use !== "sig") return false;
  return operations === void 0 || Array.isArray(operations) && operations.includes("verify");
}
function algorithmsOf(jwk2, alg) {
  const fitting = Object.keys(ALGORITHMS).filter((name) => {
    const rule = ALGORITHMS[name];
    return rule.kty === jwk2.kty && (!("crv" in rule) || "crv" in jwk2 && rule.crv === jwk2.crv);
  });
  if (alg === void 0) return fitting.filter((name) => !name.startsWith("PS"));
  const named = fitting.filter((name) => name === alg);
  return jwk2.kty === "OKP" && named.length > 0 ? fitting : named;
}
function checkShape({ kty, n, e, crv, x: x2, y }) {
  switch (kty) {
    case "RSA":
      return rsaShape(n, e);
    case "EC":
      return ecShape(crv, x2, y);
    case "OKP":
      return okpShape(crv, x2);
    default:
      return void 0;
  }
}
var MIN_RSA_BITS = 2048;
var MAX_RSA_BITS = 8192;
function rsaShape(n, e) {
  const modulus = unsigned(n);
  const exponent = unsigned(e);
  if (!modulus || !exponent) return void 0;
  const bits = bitLength(modulus);
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || isEven(modulus)) return void 0;
  if (bitLength(exponent) < 2 || bitLength(exponent) > 33 || isEven(exponent)) return void 0;
  return { publicJwk: { kty: "RSA", n, e }, signatureLength: Math.ceil(bits / 8) };
}
var COORDINATE_LENGTHS = /* @__PURE__ */ new Map([
  ["P-256", 32],
  ["P-384", 48],
  ["P-521", 66]
]);
function ecShape(crv, x2, y) {
  const length = COORDINATE_LENGTHS.get(crv);
  if (!length || octets(x2)?.length !== length || octets(y)?.length !== length) return void 0;
  const publicJwk = { kty: "EC", crv, x: x2, y };
  return { publicJwk, signatureLength: 2 * length };
}
function okpShape(crv, x2) {
  const point = octets(x2);
  if (crv !== "Ed25519" || point?.length !== 32 || !isReduced(point) || isSmallOrder(point)) return void 0;
  return { publicJwk: { kty: "OKP", crv: "Ed25519", x: x2 }, signatureLength: 64 };
}
function isReduced(point) {
  return point[0] < 237 || point.subarray(1, 31).some((octet) => octet !== 255) || (point[31] & 127) !== 127;
}
var SMALL_ORDER = /* @__PURE__ */ new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
]);
function isSmallOrder(point) {
  const withoutSign = point.map((octet, i) => i === 31 ? octet & 127 : octet);
  return SMALL_ORDER.has(Array.from(withoutSign, (octet) => octet.toString(16).padStart(2, "0")).join(""));
}
function thumbprintOf(jwk2) {
  return sha256(JSON.stringify(jwk2, Object.keys(jwk2).sort()));
}
function octets(value) {
  return typeof value === "string" ? decodeBase64url(value) : void 0;
}
function unsigned(value) {
  const number = octets(value);
  return number?.[0] ? number : void 0;
}
function bitLength(number) {
  return number.length * 8 - (Math.clz32(number[0]) - 24);
}
function isEven(number) {
  return (number.at(-1) & 1) === 0;
}

// packages/core/src/jwks.ts
var MAX_KEYS = 64;
var MAX_KID_LENGTH2 = 128;
function importKeySet(jwks) {
  const keys = typeof jwks === "object" && jwks !== null && "keys" in jwks ? jwks.keys : void 0;
  if (!Array.isArray(keys)) return "not-a-jwk-set";
  if (keys.length > MAX_KEYS) return "too-many-keys";
  const named = keys.flatMap((jwk2) => {
    const kid = kidOf(jwk2);
    return kid === void 0 ? [] : [{ kid, jwk: jwk2 }];
  });
  if (named.length === 0) return "empty";
  return andThen(all(named.map(({ jwk: jwk2 }) => importJwk(jwk2))), (imported) => {
    const set = /* @__PURE__ */ new Map();
    named.forEach(({ kid }, i) => {
      const key = imported[i] ?? "unsuitable";
      const namesake = set.get(kid);
      set.set(kid, namesake ? oneOf(namesake, key) : key);
    });
    return set;
  });
}
function usableKeys(set) {
  return [...set.values()].filter((key) => key !== "unsuitable").length;
}
function keyOf(set, kid) {
  const key = kid === void 0 ? onlyKeyOf(set) : set.get(kid);
  if (key === "unsuitable") throw new AuthError("jwk-unsuitable");
  return key;
}
function onlyKeyOf(set) {
  const [key, ...others] = set.values();
  return others.length === 0 ? key : void 0;
}
function kidOf(jwk2) {
  const kid = typeof jwk2 === "object" && jwk2 !== null && "kid" in jwk2 ? jwk2.kid : void 0;
  return typeof kid === "string" && kid !== "" && kid.length <= MAX_KID_LENGTH2 ? kid : void 0;
}
function oneOf(one, other) {
  if (one === "unsuitable" || other === "unsuitable") return "unsuitable";
  return one.thumbprint === other.thumbprint ? one : "unsuitable";
}

// packages/core/src/key-source.ts
function staticKeys(keys) {
  let set;
  const ready = andThen(keys, (imported) => set = imported);
  if (ready instanceof Promise) ready.catch(() => {
  });
  return {
    find: (kid) => andThen(set ?? ready, (imported) => keyOf(imported, kid) ?? unknownKid()),
    load: async () => void await ready,
    ready: () => set !== void 0,
    stats: () => ({ size: set ? usableKeys(set) : 0, ageInMs: null, fetches: 0, failures: 0 }),
    close: () => {
    }
  };
}
function singleKey(key) {
  let held;
  const ready = andThen(key, (imported) => held = imported);
  if (ready instanceof Promise) ready.catch(() => {
  });
  return {
    find: () => held ?? ready,
    load: async () => void await ready,
    ready: () => held !== void 0,
    stats: () => ({ size: held ? 1 : 0, ageInMs: null, fetches: 0, failures: 0 }),
    close: () => {
    }
  };
}
function unknownKid() {
  throw new AuthError("jwk-kid-mismatch");
}

// packages/core/src/http.ts
async function askForJson(fetch, request) {
  const { url, headers, body, timeoutInMs, maxBytes, signal: closed } = request;
  closed.throwIfAborted();
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new Error(`no answer within ${timeoutInMs} ms`)), timeoutInMs);
  const unfollow = follow(closed, ending);
  const { signal } = ending;
  const answer = async () => {
    const sent = body && { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(url, { ...sent, headers, redirect: "manual", signal });
    const { status, headers: fields } = response;
    const json = await readJson(response, maxBytes, signal).catch((error) => {
      if (status === 200) throw error;
    });
    return { status, headers: fields, json };
  };
  try {
    return await Promise.race([rejectionOf(signal), answer()]);
  } catch (error) {
    throw inWords(error);
  } finally {
    clearTimeout(timer);
    unfollow();
  }
}
var MOST_CAUSES = 4;
function inWords(error) {
  if (error instanceof RangeError) return error;
  const words = [];
  for (let cause = error; cause instanceof Error && words.length < MOST_CAUSES; cause = cause.cause)
    words.push(cause.message || ("code" in cause ? String(cause.code) : cause.name));
  return new Error(words.join(": ") || "no answer");
}
var followersOf = /* @__PURE__ */ new WeakMap();
function follow(closed, request) {
  const { requests, end } = followersOf.get(closed) ?? firstOf(closed);
  closed.addEventListener("abort", end);
  requests.add(request);
  return () => {
    requests.delete(request);
    if (requests.size === 0) closed.removeEventListener("abort", end);
  };
}
function firstOf(closed) {
  const requests = /* @__PURE__ */ new Set();
  const end = () => requests.forEach((request) => request.abort(closed.reason));
  const followers = { requests, end };
  followersOf.set(closed, followers);
  return followers;
}
async function readJson(response, maxBytes, signal) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text2 = "";
  let bytes = 0;
  for await (const chunk of chunksOf(response)) {
    signal?.throwIfAborted();
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new RangeError(`the body is larger than ${maxBytes} octets`);
    text2 += decoder.decode(chunk, { stream: true });
  }
  try {
    return JSON.parse(text2 + decoder.decode());
  } catch {
    return void 0;
  }
}
async function* chunksOf({ body }) {
  if (!body) return;
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel();
  }
}
function rejectionOf(signal) {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

// packages/core/src/fetch-key-set.ts
var SECOND = 1e3;
var MINUTE = 60 * SECOND;
var HOUR = 60 * MINUTE;
var MAX_BYTES = 256 * 1024;
var KeySetRefused = class extends Error {
  retryAfterInMs;
  constructor(message, retryAfterInMs) {
    super(message);
    this.retryAfterInMs = retryAfterInMs;
  }
};
async function fetchKeySet({ url, headers, fetch }, timeoutInMs, signal) {
  const answer = await askForJson(fetch, { url, headers, timeoutInMs, maxBytes: MAX_BYTES, signal });
  const retryAfterInMs = secondsOf(answer.headers.get("retry-after")?.trim());
  if (answer.status !== 200) throw new KeySetRefused(`the issuer answered ${answer.status}`, retryAfterInMs);
  const set = await importKeySet(answer.json);
  if (typeof set === "string") throw new KeySetRefused(KEY_SET_FAULTS[set], retryAfterInMs);
  return { set, maxAgeInMs: maxAgeOf(answer.headers), retryAfterInMs };
}
var KEY_SET_FAULTS = {
  "not-a-jwk-set": "the answer is no JWK Set",
  empty: "the key set is empty",
  "too-many-keys": "the key set holds too many keys"
};
function maxAgeOf(headers) {
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(headers.get("cache-control") ?? "")?.[1];
  return maxAge === void 0 ? void 0 : Math.min(HOUR, Math.max(MINUTE, Number(maxAge) * SECOND));
}
function secondsOf(retryAfter) {
  return retryAfter !== void 0 && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * SECOND : void 0;
}

// packages/core/src/patience.ts
async function withPatience(promise, patienceInMs, otherwise) {
  let timer;
  const patience = new Promise((resolve) => timer = setTimeout(resolve, patienceInMs));
  try {
    return await Promise.race([promise, patience.then(otherwise)]);
  } finally {
    clearTimeout(timer);
  }
}

// packages/core/src/ration.ts
function rationOf(burst, everyMs, clock) {
  let left = burst;
  let since = instantOf(clock);
  return {
    take: () => {
      const periods = everyMs === 0 ? burst : Math.floor(elapsedSince(since, clock) / everyMs);
      if (left === burst || periods > 0) since = instantOf(clock);
      left = Math.min(burst, left + periods);
      if (left === 0) return false;
      left--;
      return true;
    }
  };
}

// packages/core/src/remote-keys.ts
var SECOND2 = 1e3;
var MINUTE2 = 60 * SECOND2;
var HOUR2 = 60 * MINUTE2;
var REFRESH_FROM = 0.8;
var WAIT_PAST_FRESHNESS_IN_MS = 500;
var MAX_BACK_OFF_IN_MS = MINUTE2;
var MAX_BACK_OFF_WITHOUT_KEYS_IN_MS = 5 * SECOND2;
var UNKNOWN_KID_BURST = 2;
var GRACE_IN_MS = SECOND2;
function remoteKeys(options) {
  const { clock, emit, policy, random = Math.random } = options;
  const { staleInMs = HOUR2, unknownKidEveryMs = 10 * SECOND2, timeoutInMs = 3 * SECOND2 } = policy;
  let snapshot;
  let failure;
  let fetching;
  let fetches = 0;
  let failures = 0;
  const closed = new AbortController();
  const ration = rationOf(UNKNOWN_KID_BURST, unknownKidEveryMs, clock);
  function find(kid) {
    const serving = snapshotThatServes();
    if (!serving) return askWithoutKeys().then(() => findAfterAsking(kid));
    const age = elapsedSince(serving.fetchedAt, clock);
    if (age >= serving.refreshFrom && mayAsk()) void ask();
    const asked = fetchInFlight();
    if (age >= serving.freshFor && asked) {
      const patience = WAIT_PAST_FRESHNESS_IN_MS - elapsedSince(asked.since, clock);
      if (patience > 0) return withPatience(asked.ended, patience, () => {
      }).then(() => findInHand(kid));
    }
    return findInHand(kid);
  }
  function findInHand(kid) {
    return (snapshot && keyOf(snapshot.set, kid)) ?? askForUnknown(kid);
  }
  function askForUnknown(kid) {
    if (kid === void 0) throw new AuthError("jwk-kid-mismatch");
    const asked = fetchInFlight();
    if (asked) return endOf(asked).then(() => findAfterAsking(kid));
    if (!mayAsk()) throw unavailable();
    if (!ration.take()) throw failure ? unavailable() : new AuthError("jwk-kid-mismatch");
    return ask().then(() => findAfterAsking(kid));
  }
  function findAfterAsking(kid) {
    const serving = snapshotAfterAsking();
    const key = serving && keyOf(serving.set, kid);
    if (key) return key;
    throw failure ? unavailable() : new AuthError("jwk-kid-mismatch");
  }
  function snapshotAfterAsking() {
    return failure ? snapshotThatServes() : snapshot;
  }
  async function askWithoutKeys() {
    const asked = fetchInFlight();
    if (asked) return endOf(asked);
    if (!mayAsk()) throw unavailable();
    ration.take();
    return ask();
  }
  function snapshotThatServes() {
    if (!snapshot || elapsedSince(snapshot.fetchedAt, clock) < snapshot.freshFor + staleInMs) return snapshot;
    return void 0;
  }
  function mayAsk() {
    return !fetchInFlight() && !closed.signal.aborted && backOffLeft() <= 0;
  }
  function backOffLeft() {
    if (!failure) return 0;
    const most = snapshotThatServes() ? MAX_BACK_OFF_IN_MS : MAX_BACK_OFF_WITHOUT_KEYS_IN_MS;
    return Math.min(failure.backOff, most) - elapsedSince(failure.at, clock);
  }
  function unavailable() {
    const retryAfter = Math.max(1, Math.ceil(backOffLeft() / SECOND2));
    return new AuthError("keys-unavailable", { retryAfter, cause: failure?.cause });
  }
  function ask() {
    const since = instantOf(clock);
    fetches++;
    const ended = fetchKeySet(options, timeoutInMs, closed.signal).then(
      (answer) => end(asked, () => accept(answer, since)),
      (cause) => end(asked, () => refuse(cause))
    );
    const asked = { since, ended };
    fetching = asked;
    return endOf(asked);
  }
  function end(asked, outcome) {
    if (fetching !== asked) return;
    fetching = void 0;
    outcome();
  }
  function fetchInFlight() {
    if (fetching && timeLeftFor(fetching) <= 0) giveUp(fetching);
    return fetching;
  }
  async function endOf(asked) {
    await withPatience(asked.ended, timeLeftFor(asked), () => giveUp(asked));
  }
  function giveUp(asked) {
    end(asked, () => refuse(new Error("the fetch did not end")));
  }
  function timeLeftFor({ since }) {
    return timeoutInMs + GRACE_IN_MS - (clock.monotonic() - since.monotonic);
  }
  function accept({ set, maxAgeInMs, retryAfterInMs }, since) {
    if (usableKeys(set) === 0 && snapshot && usableKeys(snapshot.set) > 0)
      return refuse(new KeySetRefused("the key set holds no key that can verify", retryAfterInMs));
    const freshFor = policy.freshInMs ?? maxAgeInMs ?? 5 * MINUTE2;
    const refreshFrom = freshFor * (REFRESH_FROM + (1 - REFRESH_FROM) * 0.5 * random());
    snapshot = { set, fetchedAt: since, freshFor, refreshFrom };
    failure = void 0;
    const keys = usableKeys(set);
    emit({ type: "keys-fetched", keys, unsuitable: set.size - keys, tookInMs: elapsedSince(since, clock) });
  }
  function refuse(cause) {
    failures++;
    const count = (failure?.count ?? 0) + 1;
    const doubled = Math.min(MAX_BACK_OFF_IN_MS, SECOND2 * 2 ** (count - 1)) * (0.75 + 0.5 * random());
    const asked = cause instanceof KeySetRefused ? cause.retryAfterInMs ?? 0 : 0;
    failure = { at: instantOf(clock), count, backOff: Math.max(doubled, asked), cause };
    const serving = snapshotThatServes() !== void 0;
    const reason = cause instanceof KeySetRefused ? cause.message : "no answer";
    emit({ type: "keys-failed", reason, serving, retryInMs: Math.round(backOffLeft()) });
  }
  return {
    find,
    load: async () => {
      if (snapshotThatServes()) return;
      await askWithoutKeys();
      if (!snapshotAfterAsking()) throw unavailable();
    },
    ready: () => snapshotThatServes() !== void 0,
    stats: () => ({
      size: snapshot ? usableKeys(snapshot.set) : 0,
      ageInMs: snapshot ? Math.round(elapsedSince(snapshot.fetchedAt, clock)) : null,
      fetches,
      failures
    }),
    close: () => closed.abort(new Error("closed"))
  };
}

// node_modules/lru-cache/dist/esm/node/index.min.js
import { tracingChannel as G, channel as P } from "node:diagnostics_channel";
var S = P("lru-cache:metrics");
var W = G("lru-cache");
var L = typeof performance == "object" && performance && typeof performance.now == "function" ? performance : Date;
var R = () => S.hasSubscribers || W.hasSubscribers;
var U = /* @__PURE__ */ new Set();
var M = typeof process == "object" && process ? process : {};
var k = (d3, e, t2, i) => {
  typeof M.emitWarning == "function" ? M.emitWarning(d3, e, t2, i) : console.error(`[${t2}] ${e}: ${d3}`);
};
var H = (d3) => !U.has(d3);
var T = (d3) => !!d3 && d3 === Math.floor(d3) && d3 > 0 && isFinite(d3);
var j = (d3) => T(d3) ? d3 <= Math.pow(2, 8) ? Uint8Array : d3 <= Math.pow(2, 16) ? Uint16Array : d3 <= Math.pow(2, 32) ? Uint32Array : d3 <= Number.MAX_SAFE_INTEGER ? O : null : null;
var O = class extends Array {
  constructor(e) {
    super(e), this.fill(0);
  }
};
var x = class d {
  heap;
  length;
  static #o = false;
  static create(e) {
    let t2 = j(e);
    if (!t2) return [];
    d.#o = true;
    let i = new d(e, t2);
    return d.#o = false, i;
  }
  constructor(e, t2) {
    if (!d.#o) throw new TypeError("instantiate Stack using Stack.create(n)");
    this.heap = new t2(e), this.length = 0;
  }
  push(e) {
    this.heap[this.length++] = e;
  }
  pop() {
    return this.heap[--this.length];
  }
};
var I = class d2 {
  #o;
  #c;
  #S;
  #O;
  #w;
  #M;
  #I;
  #m;
  get perf() {
    return this.#m;
  }
  ttl;
  ttlResolution;
  ttlAutopurge;
  updateAgeOnGet;
  updateAgeOnHas;
  allowStale;
  noDisposeOnSet;
  noUpdateTTL;
  maxEntrySize;
  sizeCalculation;
  noDeleteOnFetchRejection;
  noDeleteOnStaleGet;
  allowStaleOnFetchAbort;
  allowStaleOnFetchRejection;
  ignoreFetchAbort;
  backgroundFetchSize;
  #n;
  #b;
  #s;
  #i;
  #t;
  #l;
  #u;
  #a;
  #h;
  #y;
  #r;
  #_;
  #F;
  #d;
  #g;
  #T;
  #U;
  #f;
  #D;
  static unsafeExposeInternals(e) {
    return { starts: e.#F, ttls: e.#d, autopurgeTimers: e.#g, sizes: e.#_, keyMap: e.#s, keyList: e.#i, valList: e.#t, next: e.#l, prev: e.#u, get head() {
      return e.#a;
    }, get tail() {
      return e.#h;
    }, free: e.#y, isBackgroundFetch: (t2) => e.#e(t2), backgroundFetch: (t2, i, s, n) => e.#P(t2, i, s, n), moveToTail: (t2) => e.#L(t2), indexes: (t2) => e.#A(t2), rindexes: (t2) => e.#z(t2), isStale: (t2) => e.#p(t2) };
  }
  get max() {
    return this.#o;
  }
  get maxSize() {
    return this.#c;
  }
  get calculatedSize() {
    return this.#b;
  }
  get size() {
    return this.#n;
  }
  get fetchMethod() {
    return this.#M;
  }
  get memoMethod() {
    return this.#I;
  }
  get dispose() {
    return this.#S;
  }
  get onInsert() {
    return this.#O;
  }
  get disposeAfter() {
    return this.#w;
  }
  constructor(e) {
    let { max: t2 = 0, ttl: i, ttlResolution: s = 1, ttlAutopurge: n, updateAgeOnGet: o, updateAgeOnHas: l, allowStale: h, dispose: r, onInsert: c, disposeAfter: m, noDisposeOnSet: _, noUpdateTTL: u, maxSize: g = 0, maxEntrySize: f = 0, sizeCalculation: y, fetchMethod: a, memoMethod: w, noDeleteOnFetchRejection: F, noDeleteOnStaleGet: b2, allowStaleOnFetchRejection: p, allowStaleOnFetchAbort: A, ignoreFetchAbort: z, backgroundFetchSize: C = 1, perf: E } = e;
    if (this.backgroundFetchSize = C, E !== void 0 && typeof E?.now != "function") throw new TypeError("perf option must have a now() method if specified");
    if (this.#m = E ?? L, t2 !== 0 && !T(t2)) throw new TypeError("max option must be a nonnegative integer");
    let v = t2 ? j(t2) : Array;
    if (!v) throw new Error("invalid max value: " + t2);
    if (this.#o = t2, this.#c = g, this.maxEntrySize = f || this.#c, this.sizeCalculation = y, this.sizeCalculation) {
      if (!this.#c && !this.maxEntrySize) throw new TypeError("cannot set sizeCalculation without setting maxSize or maxEntrySize");
      if (typeof this.sizeCalculation != "function") throw new TypeError("sizeCalculation set to non-function");
    }
    if (w !== void 0 && typeof w != "function") throw new TypeError("memoMethod must be a function if defined");
    if (this.#I = w, a !== void 0 && typeof a != "function") throw new TypeError("fetchMethod must be a function if specified");
    if (this.#M = a, this.#U = !!a, this.#s = /* @__PURE__ */ new Map(), this.#i = Array.from({ length: t2 }).fill(void 0), this.#t = Array.from({ length: t2 }).fill(void 0), this.#l = new v(t2), this.#u = new v(t2), this.#a = 0, this.#h = 0, this.#y = x.create(t2), this.#n = 0, this.#b = 0, typeof r == "function" && (this.#S = r), typeof c == "function" && (this.#O = c), typeof m == "function" ? (this.#w = m, this.#r = []) : (this.#w = void 0, this.#r = void 0), this.#T = !!this.#S, this.#D = !!this.#O, this.#f = !!this.#w, this.noDisposeOnSet = !!_, this.noUpdateTTL = !!u, this.noDeleteOnFetchRejection = !!F, this.allowStaleOnFetchRejection = !!p, this.allowStaleOnFetchAbort = !!A, this.ignoreFetchAbort = !!z, this.maxEntrySize !== 0) {
      if (this.#c !== 0 && !T(this.#c)) throw new TypeError("maxSize must be a positive integer if specified");
      if (!T(this.maxEntrySize)) throw new TypeError("maxEntrySize must be a positive integer if specified");
      this.#X();
    }
    if (this.allowStale = !!h, this.noDeleteOnStaleGet = !!b2, this.updateAgeOnGet = !!o, this.updateAgeOnHas = !!l, this.ttlResolution = T(s) || s === 0 ? s : 1, this.ttlAutopurge = !!n, this.ttl = i || 0, this.ttl) {
      if (!T(this.ttl)) throw new TypeError("ttl must be a positive integer if specified");
      this.#k();
    }
    if (this.#o === 0 && this.ttl === 0 && this.#c === 0) throw new TypeError("At least one of max, maxSize, or ttl is required");
    if (!this.ttlAutopurge && !this.#o && !this.#c) {
      let D = "LRU_CACHE_UNBOUNDED";
      H(D) && (U.add(D), k("TTL caching without ttlAutopurge, max, or maxSize can result in unbounded memory consumption.", "UnboundedCacheWarning", D, d2));
    }
  }
  getRemainingTTL(e) {
    return this.#s.has(e) ? 1 / 0 : 0;
  }
  #k() {
    let e = new O(this.#o), t2 = new O(this.#o);
    this.#d = e, this.#F = t2;
    let i = this.ttlAutopurge ? Array.from({ length: this.#o }) : void 0;
    this.#g = i, this.#H = (h, r, c = this.#m.now()) => {
      t2[h] = r !== 0 ? c : 0, e[h] = r, s(h, r);
    }, this.#R = (h) => {
      t2[h] = e[h] !== 0 ? this.#m.now() : 0, s(h, e[h]);
    };
    let s = this.ttlAutopurge ? (h, r) => {
      if (i?.[h] && (clearTimeout(i[h]), i[h] = void 0), r && r !== 0 && i) {
        let c = setTimeout(() => {
          this.#p(h) ? (this.#E(this.#i[h], "expire"), i[h] = void 0) : s(h, l(h));
        }, r + 1);
        c.unref && c.unref(), i[h] = c;
      }
    } : () => {
    };
    this.#v = (h, r) => {
      if (e[r]) {
        let c = e[r], m = t2[r];
        if (!c || !m) return;
        h.ttl = c, h.start = m, h.now = n || o();
        let _ = h.now - m;
        h.remainingTTL = c - _;
      }
    };
    let n = 0, o = () => {
      let h = this.#m.now();
      if (this.ttlResolution > 0) {
        n = h;
        let r = setTimeout(() => n = 0, this.ttlResolution);
        r.unref && r.unref();
      }
      return h;
    };
    this.getRemainingTTL = (h) => {
      let r = this.#s.get(h);
      return r === void 0 ? 0 : l(r);
    };
    let l = (h) => {
      let r = e[h], c = t2[h];
      if (!r || !c) return 1 / 0;
      let m = (n || o()) - c;
      return r - m;
    };
    this.#p = (h) => {
      let r = t2[h], c = e[h];
      return !!c && !!r && (n || o()) - r > c;
    };
  }
  #R = () => {
  };
  #v = () => {
  };
  #H = () => {
  };
  #p = () => false;
  #X() {
    let e = new O(this.#o);
    this.#b = 0, this.#_ = e, this.#x = (t2) => {
      this.#b -= e[t2], e[t2] = 0;
    }, this.#N = (t2, i, s, n) => {
      if (!T(s)) {
        if (this.#e(i)) return this.backgroundFetchSize;
        if (n) {
          if (typeof n != "function") throw new TypeError("sizeCalculation must be a function");
          if (s = n(i, t2), !T(s)) throw new TypeError("sizeCalculation return invalid (expect positive integer)");
        } else throw new TypeError("invalid size value (must be positive integer). When maxSize or maxEntrySize is used, sizeCalculation or size must be set.");
      }
      return s;
    }, this.#j = (t2, i, s) => {
      if (e[t2] = i, this.#c) {
        let n = this.#c - e[t2];
        for (; this.#b > n; ) this.#G(true);
      }
      this.#b += e[t2], s && (s.entrySize = i, s.totalCalculatedSize = this.#b);
    };
  }
  #x = (e) => {
  };
  #j = (e, t2, i) => {
  };
  #N = (e, t2, i, s) => {
    if (i || s) throw new TypeError("cannot set size without setting maxSize or maxEntrySize on cache");
    return 0;
  };
  *#A({ allowStale: e = this.allowStale } = {}) {
    if (this.#n) for (let t2 = this.#h; this.#V(t2) && ((e || !this.#p(t2)) && (yield t2), t2 !== this.#a); ) t2 = this.#u[t2];
  }
  *#z({ allowStale: e = this.allowStale } = {}) {
    if (this.#n) for (let t2 = this.#a; this.#V(t2) && ((e || !this.#p(t2)) && (yield t2), t2 !== this.#h); ) t2 = this.#l[t2];
  }
  #V(e) {
    return e !== void 0 && this.#s.get(this.#i[e]) === e;
  }
  *entries() {
    for (let e of this.#A()) this.#t[e] !== void 0 && this.#i[e] !== void 0 && !this.#e(this.#t[e]) && (yield [this.#i[e], this.#t[e]]);
  }
  *rentries() {
    for (let e of this.#z()) this.#t[e] !== void 0 && this.#i[e] !== void 0 && !this.#e(this.#t[e]) && (yield [this.#i[e], this.#t[e]]);
  }
  *keys() {
    for (let e of this.#A()) {
      let t2 = this.#i[e];
      t2 !== void 0 && !this.#e(this.#t[e]) && (yield t2);
    }
  }
  *rkeys() {
    for (let e of this.#z()) {
      let t2 = this.#i[e];
      t2 !== void 0 && !this.#e(this.#t[e]) && (yield t2);
    }
  }
  *values() {
    for (let e of this.#A()) this.#t[e] !== void 0 && !this.#e(this.#t[e]) && (yield this.#t[e]);
  }
  *rvalues() {
    for (let e of this.#z()) this.#t[e] !== void 0 && !this.#e(this.#t[e]) && (yield this.#t[e]);
  }
  [Symbol.iterator]() {
    return this.entries();
  }
  [Symbol.toStringTag] = "LRUCache";
  find(e, t2 = {}) {
    for (let i of this.#A()) {
      let s = this.#t[i], n = this.#e(s) ? s.__staleWhileFetching : s;
      if (n !== void 0 && e(n, this.#i[i], this)) return this.#C(this.#i[i], t2);
    }
  }
  forEach(e, t2 = this) {
    for (let i of this.#A()) {
      let s = this.#t[i], n = this.#e(s) ? s.__staleWhileFetching : s;
      n !== void 0 && e.call(t2, n, this.#i[i], this);
    }
  }
  rforEach(e, t2 = this) {
    for (let i of this.#z()) {
      let s = this.#t[i], n = this.#e(s) ? s.__staleWhileFetching : s;
      n !== void 0 && e.call(t2, n, this.#i[i], this);
    }
  }
  purgeStale() {
    let e = false;
    for (let t2 of this.#z({ allowStale: true })) this.#p(t2) && (this.#E(this.#i[t2], "expire"), e = true);
    return e;
  }
  info(e) {
    let t2 = this.#s.get(e);
    if (t2 === void 0) return;
    let i = this.#t[t2], s = this.#e(i) ? i.__staleWhileFetching : i;
    if (s === void 0) return;
    let n = { value: s };
    if (this.#d && this.#F) {
      let o = this.#d[t2], l = this.#F[t2];
      if (o && l) {
        let h = o - (this.#m.now() - l);
        n.ttl = h, n.start = Date.now();
      }
    }
    return this.#_ && (n.size = this.#_[t2]), n;
  }
  dump() {
    let e = [];
    for (let t2 of this.#A({ allowStale: true })) {
      let i = this.#i[t2], s = this.#t[t2], n = this.#e(s) ? s.__staleWhileFetching : s;
      if (n === void 0 || i === void 0) continue;
      let o = { value: n };
      if (this.#d && this.#F) {
        o.ttl = this.#d[t2];
        let l = this.#m.now() - this.#F[t2];
        o.start = Math.floor(Date.now() - l);
      }
      this.#_ && (o.size = this.#_[t2]), e.unshift([i, o]);
    }
    return e;
  }
  load(e) {
    this.clear();
    for (let [t2, i] of e) {
      if (i.start) {
        let s = Date.now() - i.start;
        i.start = this.#m.now() - s;
      }
      this.#W(t2, i.value, i);
    }
  }
  set(e, t2, i = {}) {
    let { status: s = S.hasSubscribers ? {} : void 0 } = i;
    i.status = s, s && (s.op = "set", s.key = e, t2 !== void 0 && (s.value = t2), s.cache = this);
    let n = this.#W(e, t2, i);
    return s && S.hasSubscribers && S.publish(s), n;
  }
  #W(e, t2, i, s) {
    let { ttl: n = this.ttl, start: o, noDisposeOnSet: l = this.noDisposeOnSet, sizeCalculation: h = this.sizeCalculation, status: r } = i, c = this.#e(t2);
    if (t2 === void 0) return r && (r.set = "deleted"), this.delete(e), this;
    let { noUpdateTTL: m = this.noUpdateTTL } = i;
    r && !c && (r.value = t2);
    let _ = this.#N(e, t2, i.size || 0, h, r);
    if (this.maxEntrySize && _ > this.maxEntrySize) return this.#E(e, "set"), r && (r.set = "miss", r.maxEntrySizeExceeded = true), this;
    let u = this.#n === 0 ? void 0 : this.#s.get(e);
    if (u === void 0) u = this.#n === 0 ? this.#h : this.#y.length !== 0 ? this.#y.pop() : this.#n === this.#o ? this.#G(false) : this.#n, this.#i[u] = e, this.#t[u] = t2, this.#s.set(e, u), this.#l[this.#h] = u, this.#u[u] = this.#h, this.#h = u, this.#n++, this.#j(u, _, r), r && (r.set = "add"), m = false, this.#D && !c && this.#O?.(t2, e, "add");
    else {
      this.#L(u);
      let g = this.#t[u];
      if (t2 !== g) {
        if (!l) if (this.#e(g)) {
          g !== s && g.__abortController.abort(new Error("replaced"));
          let { __staleWhileFetching: f } = g;
          f !== void 0 && f !== t2 && (this.#T && this.#S?.(f, e, "set"), this.#f && this.#r?.push([f, e, "set"]));
        } else this.#T && this.#S?.(g, e, "set"), this.#f && this.#r?.push([g, e, "set"]);
        if (this.#x(u), this.#j(u, _, r), this.#t[u] = t2, !c) {
          let f = g && this.#e(g) ? g.__staleWhileFetching : g, y = f === void 0 ? "add" : t2 !== f ? "replace" : "update";
          r && (r.set = y, f !== void 0 && (r.oldValue = f)), this.#D && this.onInsert?.(t2, e, y);
        }
      } else c || (r && (r.set = "update"), this.#D && this.onInsert?.(t2, e, "update"));
    }
    if (n !== 0 && !this.#d && this.#k(), this.#d && (m || this.#H(u, n, o), r && this.#v(r, u)), !l && this.#f && this.#r) {
      let g = this.#r, f;
      for (; f = g?.shift(); ) this.#w?.(...f);
    }
    return this;
  }
  pop() {
    try {
      for (; this.#n; ) {
        let e = this.#t[this.#a];
        if (this.#G(true), this.#e(e)) {
          if (e.__staleWhileFetching) return e.__staleWhileFetching;
        } else if (e !== void 0) return e;
      }
    } finally {
      if (this.#f && this.#r) {
        let e = this.#r, t2;
        for (; t2 = e?.shift(); ) this.#w?.(...t2);
      }
    }
  }
  #G(e) {
    let t2 = this.#a, i = this.#i[t2], s = this.#t[t2], n = this.#e(s);
    n && s.__abortController.abort(new Error("evicted"));
    let o = n ? s.__staleWhileFetching : s;
    return (this.#T || this.#f) && o !== void 0 && (this.#T && this.#S?.(o, i, "evict"), this.#f && this.#r?.push([o, i, "evict"])), this.#x(t2), this.#g?.[t2] && (clearTimeout(this.#g[t2]), this.#g[t2] = void 0), e && (this.#i[t2] = void 0, this.#t[t2] = void 0, this.#y.push(t2)), this.#n === 1 ? (this.#a = this.#h = 0, this.#y.length = 0) : this.#a = this.#l[t2], this.#s.delete(i), this.#n--, t2;
  }
  has(e, t2 = {}) {
    let { status: i = S.hasSubscribers ? {} : void 0 } = t2;
    t2.status = i, i && (i.op = "has", i.key = e, i.cache = this);
    let s = this.#Y(e, t2);
    return S.hasSubscribers && S.publish(i), s;
  }
  #Y(e, t2 = {}) {
    let { updateAgeOnHas: i = this.updateAgeOnHas, status: s } = t2, n = this.#s.get(e);
    if (n !== void 0) {
      let o = this.#t[n];
      if (this.#e(o) && o.__staleWhileFetching === void 0) return false;
      if (this.#p(n)) s && (s.has = "stale", this.#v(s, n));
      else return i && this.#R(n), s && (s.has = "hit", this.#v(s, n)), true;
    } else s && (s.has = "miss");
    return false;
  }
  peek(e, t2 = {}) {
    let { status: i = R() ? {} : void 0 } = t2;
    i && (i.op = "peek", i.key = e, i.cache = this), t2.status = i;
    let s = this.#J(e, t2);
    return S.hasSubscribers && S.publish(i), s;
  }
  #J(e, t2) {
    let { status: i, allowStale: s = this.allowStale } = t2, n = this.#s.get(e);
    if (n === void 0 || !s && this.#p(n)) {
      i && (i.peek = n === void 0 ? "miss" : "stale");
      return;
    }
    let o = this.#t[n], l = this.#e(o) ? o.__staleWhileFetching : o;
    return i && (l !== void 0 ? (i.peek = "hit", i.value = l) : i.peek = "miss"), l;
  }
  #P(e, t2, i, s) {
    let n = t2 === void 0 ? void 0 : this.#t[t2];
    if (this.#e(n)) return n;
    let o = new AbortController(), { signal: l } = i;
    l?.addEventListener("abort", () => o.abort(l.reason), { signal: o.signal });
    let h = { signal: o.signal, options: i, context: s }, r = (f, y = false) => {
      let { aborted: a } = o.signal, w = i.ignoreFetchAbort && f !== void 0, F = i.ignoreFetchAbort || !!(i.allowStaleOnFetchAbort && f !== void 0);
      if (i.status && (a && !y ? (i.status.fetchAborted = true, i.status.fetchError = o.signal.reason, w && (i.status.fetchAbortIgnored = true)) : i.status.fetchResolved = true), a && !w && !y) return m(o.signal.reason, F);
      let b2 = u, p = this.#t[t2];
      return (p === u || p === void 0 && w && y) && (f === void 0 ? b2.__staleWhileFetching !== void 0 ? this.#t[t2] = b2.__staleWhileFetching : this.#E(e, "fetch") : (i.status && (i.status.fetchUpdated = true), this.#W(e, f, h.options, b2))), f;
    }, c = (f) => (i.status && (i.status.fetchRejected = true, i.status.fetchError = f), m(f, false)), m = (f, y) => {
      let { aborted: a } = o.signal, w = a && i.allowStaleOnFetchAbort, F = w || i.allowStaleOnFetchRejection, b2 = F || i.noDeleteOnFetchRejection, p = u;
      if (this.#t[t2] === u && (!b2 || !y && p.__staleWhileFetching === void 0 ? this.#E(e, "fetch") : w || (this.#t[t2] = p.__staleWhileFetching)), F) return i.status && p.__staleWhileFetching !== void 0 && (i.status.returnedStale = true), p.__staleWhileFetching;
      if (p.__returned === p) throw f;
    }, _ = (f, y) => {
      let a = this.#M?.(e, n, h);
      o.signal.addEventListener("abort", () => {
        (!i.ignoreFetchAbort || i.allowStaleOnFetchAbort) && (f(void 0), i.allowStaleOnFetchAbort && (f = (w) => r(w, true)));
      }), a && a instanceof Promise ? a.then((w) => f(w === void 0 ? void 0 : w), y) : a !== void 0 && f(a);
    };
    i.status && (i.status.fetchDispatched = true);
    let u = new Promise(_).then(r, c), g = Object.assign(u, { __abortController: o, __staleWhileFetching: n, __returned: void 0 });
    return t2 === void 0 ? (this.#W(e, g, { ...h.options, status: void 0 }), t2 = this.#s.get(e)) : this.#t[t2] = g, g;
  }
  #e(e) {
    if (!this.#U) return false;
    let t2 = e;
    return !!t2 && t2 instanceof Promise && t2.hasOwnProperty("__staleWhileFetching") && t2.__abortController instanceof AbortController;
  }
  fetch(e, t2 = {}) {
    let i = W.hasSubscribers, { status: s = R() ? {} : void 0 } = t2;
    t2.status = s, s && t2.context && (s.context = t2.context);
    let n = this.#B(e, t2);
    return s && i && (s.trace = true, W.tracePromise(() => n, s).catch(() => {
    })), n;
  }
  async #B(e, t2 = {}) {
    let { allowStale: i = this.allowStale, updateAgeOnGet: s = this.updateAgeOnGet, noDeleteOnStaleGet: n = this.noDeleteOnStaleGet, ttl: o = this.ttl, noDisposeOnSet: l = this.noDisposeOnSet, size: h = 0, sizeCalculation: r = this.sizeCalculation, noUpdateTTL: c = this.noUpdateTTL, noDeleteOnFetchRejection: m = this.noDeleteOnFetchRejection, allowStaleOnFetchRejection: _ = this.allowStaleOnFetchRejection, ignoreFetchAbort: u = this.ignoreFetchAbort, allowStaleOnFetchAbort: g = this.allowStaleOnFetchAbort, context: f, forceRefresh: y = false, status: a, signal: w } = t2;
    if (a && (a.op = "fetch", a.key = e, y && (a.forceRefresh = true), a.cache = this), !this.#U) return a && (a.fetch = "get"), this.#C(e, { allowStale: i, updateAgeOnGet: s, noDeleteOnStaleGet: n, status: a });
    let F = { allowStale: i, updateAgeOnGet: s, noDeleteOnStaleGet: n, ttl: o, noDisposeOnSet: l, size: h, sizeCalculation: r, noUpdateTTL: c, noDeleteOnFetchRejection: m, allowStaleOnFetchRejection: _, allowStaleOnFetchAbort: g, ignoreFetchAbort: u, status: a, signal: w }, b2 = this.#s.get(e);
    if (b2 === void 0) {
      a && (a.fetch = "miss");
      let p = this.#P(e, b2, F, f);
      return p.__returned = p;
    } else {
      let p = this.#t[b2];
      if (this.#e(p)) {
        let v = i && p.__staleWhileFetching !== void 0;
        return a && (a.fetch = "inflight", v && (a.returnedStale = true)), v ? p.__staleWhileFetching : p.__returned = p;
      }
      let A = this.#p(b2);
      if (!y && !A) return a && (a.fetch = "hit"), this.#L(b2), s && this.#R(b2), a && this.#v(a, b2), p;
      let z = this.#P(e, b2, F, f), E = z.__staleWhileFetching !== void 0 && i;
      return a && (a.fetch = A ? "stale" : "refresh", E && A && (a.returnedStale = true)), E ? z.__staleWhileFetching : z.__returned = z;
    }
  }
  forceFetch(e, t2 = {}) {
    let i = W.hasSubscribers, { status: s = R() ? {} : void 0 } = t2;
    t2.status = s, s && t2.context && (s.context = t2.context);
    let n = this.#K(e, t2);
    return s && i && (s.trace = true, W.tracePromise(() => n, s).catch(() => {
    })), n;
  }
  async #K(e, t2 = {}) {
    let i = await this.#B(e, t2);
    if (i === void 0) throw new Error("fetch() returned undefined");
    return i;
  }
  memo(e, t2 = {}) {
    let { status: i = S.hasSubscribers ? {} : void 0 } = t2;
    t2.status = i, i && (i.op = "memo", i.key = e, t2.context && (i.context = t2.context), i.cache = this);
    let s = this.#Q(e, t2);
    return i && (i.value = s), S.hasSubscribers && S.publish(i), s;
  }
  #Q(e, t2 = {}) {
    let i = this.#I;
    if (!i) throw new Error("no memoMethod provided to constructor");
    let { context: s, status: n, forceRefresh: o, ...l } = t2;
    n && o && (n.forceRefresh = true);
    let h = this.#C(e, l), r = o || h === void 0;
    if (n && (n.memo = r ? "miss" : "hit", r || (n.value = h)), !r) return h;
    let c = i(e, h, { options: l, context: s });
    return n && (n.value = c), this.#W(e, c, l), c;
  }
  get(e, t2 = {}) {
    let { status: i = S.hasSubscribers ? {} : void 0 } = t2;
    t2.status = i, i && (i.op = "get", i.key = e, i.cache = this);
    let s = this.#C(e, t2);
    return i && (s !== void 0 && (i.value = s), S.hasSubscribers && S.publish(i)), s;
  }
  #C(e, t2 = {}) {
    let { allowStale: i = this.allowStale, updateAgeOnGet: s = this.updateAgeOnGet, noDeleteOnStaleGet: n = this.noDeleteOnStaleGet, status: o } = t2, l = this.#s.get(e);
    if (l === void 0) {
      o && (o.get = "miss");
      return;
    }
    let h = this.#t[l], r = this.#e(h);
    return o && this.#v(o, l), this.#p(l) ? r ? (o && (o.get = "stale-fetching"), i && h.__staleWhileFetching !== void 0 ? (o && (o.returnedStale = true), h.__staleWhileFetching) : void 0) : (n || this.#E(e, "expire"), o && (o.get = "stale"), i ? (o && (o.returnedStale = true), h) : void 0) : (o && (o.get = r ? "fetching" : "hit"), this.#L(l), s && this.#R(l), r ? h.__staleWhileFetching : h);
  }
  #$(e, t2) {
    this.#u[t2] = e, this.#l[e] = t2;
  }
  #L(e) {
    e !== this.#h && (e === this.#a ? this.#a = this.#l[e] : this.#$(this.#u[e], this.#l[e]), this.#$(this.#h, e), this.#h = e);
  }
  delete(e) {
    return this.#E(e, "delete");
  }
  #E(e, t2) {
    S.hasSubscribers && S.publish({ op: "delete", delete: t2, key: e, cache: this });
    let i = false;
    if (this.#n !== 0) {
      let s = this.#s.get(e);
      if (s !== void 0) if (this.#g?.[s] && (clearTimeout(this.#g[s]), this.#g[s] = void 0), i = true, this.#n === 1) this.#q(t2);
      else {
        this.#x(s);
        let n = this.#t[s];
        if (this.#e(n) ? n.__abortController.abort(new Error("deleted")) : (this.#T || this.#f) && (this.#T && this.#S?.(n, e, t2), this.#f && this.#r?.push([n, e, t2])), this.#s.delete(e), this.#i[s] = void 0, this.#t[s] = void 0, s === this.#h) this.#h = this.#u[s];
        else if (s === this.#a) this.#a = this.#l[s];
        else {
          let o = this.#u[s];
          this.#l[o] = this.#l[s];
          let l = this.#l[s];
          this.#u[l] = this.#u[s];
        }
        this.#n--, this.#y.push(s);
      }
    }
    if (this.#f && this.#r?.length) {
      let s = this.#r, n;
      for (; n = s?.shift(); ) this.#w?.(...n);
    }
    return i;
  }
  clear() {
    return this.#q("delete");
  }
  #q(e) {
    for (let t2 of this.#z({ allowStale: true })) {
      let i = this.#t[t2];
      if (this.#e(i)) i.__abortController.abort(new Error("deleted"));
      else {
        let s = this.#i[t2];
        this.#T && this.#S?.(i, s, e), this.#f && this.#r?.push([i, s, e]);
      }
    }
    if (this.#s.clear(), this.#t.fill(void 0), this.#i.fill(void 0), this.#d && this.#F) {
      this.#d.fill(0), this.#F.fill(0);
      for (let t2 of this.#g ?? []) t2 !== void 0 && clearTimeout(t2);
      this.#g?.fill(void 0);
    }
    if (this.#_ && this.#_.fill(0), this.#a = 0, this.#h = 0, this.#y.length = 0, this.#b = 0, this.#n = 0, this.#f && this.#r) {
      let t2 = this.#r, i;
      for (; i = t2?.shift(); ) this.#w?.(...i);
    }
  }
};

// packages/core/src/size-in-memory.ts
var OBJECT = 120;
var MEMBER = 80;
var INDEX = 128;
var ITEM = 16;
var TEXT = 48;
function sizeInMemory(value) {
  if (typeof value === "string") return TEXT + 2 * value.length;
  if (typeof value !== "object" || value === null) return ITEM;
  let octets2 = OBJECT;
  if (Array.isArray(value)) {
    for (const item of value) octets2 += ITEM + sizeInMemory(item);
    return octets2;
  }
  for (const name in value) {
    octets2 += (isIndex(name) ? INDEX : MEMBER + name.length) + sizeInMemory(value[name]);
  }
  return octets2;
}
function isIndex(name) {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
}

// packages/core/src/verified-cache.ts
var DEFAULT_BOUNDS = { maxEntries: 1e4, maxBytes: 64 * 1024 * 1024 };
function verifiedCache(bounds, clock) {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds };
  const remembers = maxEntries > 0 && maxBytes > 0;
  const entries = new I({
    max: maxEntries,
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: ({ verified }) => verified.size
  });
  let hits = 0;
  let misses = 0;
  return {
    get: (digest) => {
      const entry = entries.get(digest);
      if (entry && clock.now() < entry.verified.goodUntil && clock.monotonic() < entry.monotonicGoodUntil) {
        hits++;
        return entry.verified;
      }
      misses++;
      entries.delete(digest);
      return void 0;
    },
    set: (digest, verified) => {
      if (!remembers) return;
      const monotonicGoodUntil = clock.monotonic() + verified.goodUntil - clock.now();
      entries.set(digest, { verified, monotonicGoodUntil });
    },
    forget: (which) => {
      if (typeof which !== "function") return void entries.delete(which.digest);
      for (const [digest, entry] of entries.entries()) if (which(entry.verified.auth)) entries.delete(digest);
    },
    stats: () => ({ entries: entries.size, bytes: entries.calculatedSize, hits, misses })
  };
}

// packages/core/src/remote-verdicts.ts
var MAX_REFUSED = 1e3;
var KNOWN_FOR_MS = 10 * 6e4;
var REFUSED_FOR_MS = 5e3;
var REFUSED_FOR_GOOD_FOR_MS = 5 * 6e4;
function remoteVerdicts(rememberInMs, bounds, clock) {
  const { maxEntries, maxBytes } = { ...DEFAULT_BOUNDS, ...bounds };
  const max = Math.max(1, maxEntries);
  const remembers = maxEntries > 0;
  const passed = new I({
    max,
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: ({ value }) => sizeInMemory(value)
  });
  const refused = new I({ max: MAX_REFUSED });
  const known = new I({ max });
  let epoch = 0;
  function live(cache, digest) {
    const entry = cache.get(digest);
    if (!entry) return void 0;
    if (elapsedSince(entry.since, clock) < entry.forMs && !Number.isNaN(clock.now())) return entry.value;
    cache.delete(digest);
    return void 0;
  }
  return {
    get: (digest) => live(passed, digest) ?? live(refused, digest),
    passed: (digest, auth) => {
      const since = instantOf(clock);
      const lifeInMs = auth.expiresAt === null ? Number.POSITIVE_INFINITY : auth.expiresAt - since.now;
      const forMs = Math.min(rememberInMs, lifeInMs);
      if (forMs > 0 && remembers) passed.set(digest, { value: auth, since, forMs });
      known.set(digest, { value: true, since, forMs: KNOWN_FOR_MS });
    },
    refused: (digest, code, isLasting) => {
      passed.delete(digest);
      known.delete(digest);
      const forMs = isLasting ? REFUSED_FOR_GOOD_FOR_MS : REFUSED_FOR_MS;
      refused.set(digest, { value: code, since: instantOf(clock), forMs });
    },
    isKnown: (digest) => live(known, digest) ?? false,
    forget: (which) => {
      epoch++;
      if (which === "all") {
        passed.clear();
        refused.clear();
        return;
      }
      if (typeof which !== "function") {
        passed.delete(which.digest);
        refused.delete(which.digest);
        return;
      }
      for (const [digest, { value }] of passed.entries()) if (which(value)) passed.delete(digest);
    },
    epoch: () => epoch,
    stats: () => ({ entries: passed.size, refused: refused.size, known: known.size })
  };
}

// packages/core/src/jwt-key.ts
function readJwtKey(value) {
  const text2 = value.trim();
  const jwk2 = text2.startsWith("{") ? parseJwk(text2) : rescue(() => jwkOfPem(pemOf(text2)), notAKey);
  return andThen(
    jwk2,
    (jwk3) => andThen(importJwk(jwk3), (key) => {
      if (!key)
        throw new TypeError('option "jwtKey" holds a key that may not verify: RSA of 2048 to 8192 bits, EC or Ed25519');
      return key;
    })
  );
}
function parseJwk(text2) {
  let jwk2;
  try {
    jwk2 = JSON.parse(text2);
  } catch {
    return notAKey();
  }
  return "d" in jwk2 ? isPrivate() : jwk2;
}
function pemOf(text2) {
  if (text2.includes("PRIVATE KEY")) return isPrivate();
  const base64 = text2.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, "").replace(/\\[rn]|\s|["']/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return notAKey();
  return `-----BEGIN PUBLIC KEY-----
${base64}
-----END PUBLIC KEY-----
`;
}
function isPrivate() {
  throw new TypeError('option "jwtKey" holds a private key: give the public one');
}
function notAKey(error) {
  if (error instanceof TypeError && error.message.startsWith("option")) throw error;
  throw new TypeError('option "jwtKey" is no public key: give PEM (BEGIN PUBLIC KEY), its base64, or a JWK', {
    cause: error
  });
}

// packages/core/src/warning.ts
var told = /* @__PURE__ */ new Set();
function warnOnce(code, message) {
  if (told.has(code)) return;
  told.add(code);
  const { process: process2 } = globalThis;
  if (process2?.emitWarning) process2.emitWarning(message, { type: "ClerkAuthWarning", code });
  else console.warn(message);
}

// packages/core/src/local-issuer.ts
var LOCAL_KID = "ins_local";
function isLoopback(hostname) {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
var latest;
function isLocalIssuer(issuer) {
  if (latest?.issuer !== issuer)
    latest = { issuer, isLocal: URL.canParse(issuer) && isLoopback(new URL(issuer).hostname) };
  return latest.isLocal;
}
function isLocalKid(kid) {
  return kid?.startsWith(LOCAL_KID) ?? false;
}
function isLocalAnswer(headers) {
  return headers.has("clerk-auth-local");
}
function checkLocalIssuer(policy, kid, issuer) {
  if (policy === "allow" || !isLocalKid(kid) && !isLocalIssuer(issuer)) return;
  if (policy === "refuse")
    throw new AuthError("token-invalid-issuer", {
      message: "the token comes from a local instance, which is not trusted in production"
    });
  warnOfLocalIssuer();
}
function warnOfLocalIssuer() {
  warnOnce(
    "CLERK_AUTH_LOCAL_ISSUER",
    "Tokens of a local Clerk instance are accepted. It signs for everybody: never let it near production."
  );
}

// packages/core/src/origins.ts
function frontendApiOf({ frontendApiUrl, publishableKey }, insecure) {
  if (frontendApiUrl !== void 0) return originOf("frontendApiUrl", frontendApiUrl, insecure);
  if (publishableKey === void 0) return void 0;
  const host = hostOfPublishableKey(publishableKey);
  return originOf("publishableKey", isLoopback(host.replace(/:\d+$/, "")) ? `http://${host}` : host, insecure);
}
function originOf(option, value, insecure) {
  const text2 = /^[a-z]+:\/\//i.test(value) ? value : `https://${value}`;
  const url = URL.canParse(text2) ? new URL(text2) : void 0;
  if (!url || url.username || url.password || url.pathname !== "/" || url.search || url.hash)
    throw new TypeError(`option "${option}" does not name an origin such as "https://clerk.example.com"`);
  checkProtocol(option, url, insecure);
  return url.origin;
}
function hostOfPublishableKey(publishableKey) {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/]+={0,2})$/.exec(publishableKey.trim())?.[1];
  const decoded = encoded === void 0 ? "" : decodeBase64(encoded);
  const host = /^([A-Za-z0-9.-]+(?::\d{1,5})?)\$$/.exec(decoded)?.[1];
  if (!host)
    throw new TypeError('option "publishableKey" is not valid: copy it from the API keys page of the dashboard');
  return host;
}
function decodeBase64(text2) {
  try {
    return atob(text2);
  } catch {
    return "";
  }
}
function checkProtocol(option, url, insecure) {
  if (url.protocol === "https:") return;
  if (url.protocol === "http:" && (insecure || isLoopback(url.hostname))) return;
  throw new TypeError(`option "${option}" must be an https: URL; http: is for loopback hosts only`);
}
function backendApiOf({ apiUrl = "https://api.clerk.com" }, insecure) {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : void 0;
  if (!url || url.username || url.password || /[?#]/.test(apiUrl))
    throw new TypeError('option "apiUrl" is not a URL such as "https://api.clerk.com"');
  checkProtocol("apiUrl", url, insecure);
  return apiUrl.replace(/\/+$/, "");
}

// packages/core/src/session-cookie.ts
var NAME = "__session";
var SUFFIX_LENGTH = 8;
function sessionCookieNames(publishableKey) {
  if (publishableKey === void 0) return [NAME];
  return andThen(sha1(publishableKey.trim()), (digest) => [`${NAME}_${digest.slice(0, SUFFIX_LENGTH)}`, NAME]);
}
var MAX_COOKIES_LENGTH = 16384;
var MAX_SESSION_COOKIES = 64;
function readSessionCookie(source, names) {
  const cookies = cookiesOf(source);
  if (cookies === void 0) return void 0;
  const pairs = sessionPairs(cookies);
  for (const name of names) {
    const [value, ...others] = pairs.filter((pair) => pair.name === name).map((pair) => pair.value);
    if (others.some((other) => other !== value)) throw new AuthError("credentials-ambiguous");
    if (value && value.length > MAX_TOKEN_LENGTH) throw new AuthError("token-too-large");
    if (value) return value;
  }
  return void 0;
}
function cookiesOf(source) {
  const header = headerOf(source, "cookie");
  if (header === void 0) return void 0;
  const headers = Array.isArray(header) ? header : [header];
  let length = -1;
  for (const cookies of headers) {
    if (typeof cookies !== "string") throw new AuthError("credentials-malformed");
    length += cookies.length + 1;
    if (length > MAX_COOKIES_LENGTH)
      throw new AuthError("credentials-malformed", { message: "the cookies of the request are larger than 16 KiB" });
  }
  return headers.join(";");
}
function sessionPairs(cookies) {
  const pairs = [];
  let searches = 0;
  for (let at = cookies.indexOf(NAME); at !== -1; ) {
    if (++searches > MAX_SESSION_COOKIES)
      throw new AuthError("credentials-malformed", { message: "the request has too many session cookies" });
    const semicolon = cookies.indexOf(";", at);
    const end = semicolon === -1 ? cookies.length : semicolon;
    const equals = cookies.indexOf("=", at);
    if (startsPair(cookies, at) && equals !== -1 && equals < end)
      pairs.push({ name: cookies.slice(at, equals), value: unquoted(cookies.slice(equals + 1, end)) });
    at = cookies.indexOf(NAME, end);
  }
  return pairs;
}
var SEMICOLON = 59;
var SPACE = 32;
var TAB = 9;
function startsPair(cookies, at) {
  for (let before = at - 1; before >= 0; before--) {
    const character = cookies.charCodeAt(before);
    if (character !== SPACE && character !== TAB) return character === SEMICOLON;
  }
  return true;
}
function unquoted(value) {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
function checkOrigin(source, origins) {
  if (isSafe(source) || headerOf(source, "sec-fetch-site") === "same-origin") return;
  const origin = headerOf(source, "origin");
  if (typeof origin === "string" && origins.includes(origin)) return;
  throw new AuthError("origin-not-allowed", { tokenType: "session_token" });
}
function isSafe(source) {
  const method = methodOf(source);
  return (method === "GET" || method === "HEAD") && headerOf(source, "upgrade") === void 0;
}

// packages/core/src/settings.ts
function readOptions(declared, environment) {
  checkOptions(declared);
  const options = ownCopy(declared);
  const given = withEnvironment(options, environment);
  checkSameStage(given);
  const insecure = options.insecureAllowLocalIssuer ?? false;
  const frontendApi = frontendApiOf(given, insecure);
  const apiUrl = backendApiOf(given, insecure);
  const keyOrigin = keyOriginOf(given, frontendApi, apiUrl);
  const settings = {
    keyOrigin,
    claimRules: claimRulesOf(given, frontendApi),
    cookies: cookieRulesOf(given),
    localIssuer: insecure ? "allow" : isProduction(environment) ? "refuse" : "warn",
    apiUrl,
    secrets: secretsOf(given),
    // Where no session can be verified, none is expected unless a guard names it.
    accepted: new Set(tokenTypesOf(given.acceptsToken ?? (keyOrigin.from === "nowhere" ? [] : void 0))),
    options: given
  };
  if (options.acceptsToken !== void 0) checkVerifiable(settings);
  checkLocalConfiguration(settings);
  if (!settings.claimRules.issuers) warnOfProxy(environment);
  return settings;
}
function checkSameStage({ publishableKey, secretKey }) {
  const [publishable, secret] = [publishableKey, secretKey].map(
    (key) => /^[ps]k_(test|live)_/.exec(key?.trim() ?? "")?.[1]
  );
  if (publishable && secret && publishable !== secret)
    throw new TypeError(
      `option "publishableKey" is a ${publishable} key and "secretKey" is a ${secret} key: take both from the same instance`
    );
}
function isProduction(environment) {
  return !["development", "test"].includes(variable(environment, "NODE_ENV") ?? "development");
}
function keyOriginOf(options, frontendApi, apiUrl) {
  const { jwtKey, jwks, secretKey, machineSecretKey, apiVersion = "v1" } = options;
  if (jwtKey !== void 0) return { from: "key", key: readJwtKey(jwtKey) };
  if (jwks !== void 0) return { from: "set", set: readKeySet(jwks) };
  if (frontendApi !== void 0) return { from: "url", url: `${frontendApi}/.well-known/jwks.json`, headers: {} };
  if (secretKey !== void 0)
    return {
      from: "url",
      url: `${apiUrl}/${apiVersion}/jwks`,
      headers: { Authorization: `Bearer ${secretKey.trim()}` }
    };
  if (machineSecretKey !== void 0) return { from: "nowhere" };
  throw new TypeError(
    'no key source: set CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY or CLERK_JWT_KEY, or one of the options "publishableKey", "frontendApiUrl", "secretKey", "jwtKey" and "jwks"; for opaque M2M tokens alone CLERK_MACHINE_SECRET_KEY will do'
  );
}
function secretsOf({ secretKey, machineSecretKey }) {
  const secret = secretKey?.trim();
  const machineSecret = machineSecretKey?.trim() ?? secret;
  return {
    ...machineSecret !== void 0 && { m2m_token: machineSecret },
    ...secret !== void 0 && { oauth_token: secret, api_key: secret }
  };
}
function checkVerifiable({ keyOrigin, secrets, accepted, options }) {
  const hasKeys = keyOrigin.from !== "nowhere";
  const missing = {
    session_token: hasKeys ? void 0 : "CLERK_PUBLISHABLE_KEY",
    m2m_token: secrets.m2m_token !== void 0 || hasKeys && options.machineId !== void 0 ? void 0 : "CLERK_MACHINE_SECRET_KEY, or for M2M tokens in JWT form CLERK_MACHINE_ID",
    oauth_token: hasKeys || secrets.oauth_token !== void 0 ? void 0 : "CLERK_PUBLISHABLE_KEY",
    api_key: secrets.api_key === void 0 ? "CLERK_SECRET_KEY" : void 0,
    jwt_template: hasKeys ? void 0 : "CLERK_PUBLISHABLE_KEY"
  };
  for (const kind of accepted) {
    if (missing[kind]) throw new TypeError(`option "acceptsToken" names "${kind}", which needs ${missing[kind]}`);
  }
}
function readKeySet(jwks) {
  const set = importKeySet(jwks);
  return set instanceof Promise ? set.then(usable) : usable(set);
}
function usable(set) {
  if (typeof set !== "string" && usableKeys(set) > 0) return set;
  throw new TypeError('option "jwks" holds no key that can verify: each needs a "kid", and RSA, EC or Ed25519 members');
}
function claimRulesOf(options, frontendApi) {
  const { issuer = frontendApi, audience, authorizedParties, missingAzp, clockSkewInMs = 5e3 } = options;
  if (missingAzp && !authorizedParties)
    throw new TypeError('option "missingAzp" has no meaning without "authorizedParties"');
  return {
    ...issuer !== void 0 && { issuers: listOf(issuer) },
    ...audience !== void 0 && { audiences: listOf(audience) },
    ...authorizedParties !== void 0 && { authorizedParties: listOf(authorizedParties) },
    missingAzp: missingAzp ?? "reject",
    clockSkewInMs
  };
}
function cookieRulesOf({ cookies, authorizedParties, missingAzp, publishableKey }) {
  if (!cookies) return void 0;
  if (authorizedParties === void 0)
    throw new TypeError('option "cookies" needs "authorizedParties": the origins of the sites that may use the cookie');
  if (missingAzp === "allow") throw new TypeError('option "cookies" needs "missingAzp" to be "reject"');
  return { names: sessionCookieNames(publishableKey), origins: listOf(authorizedParties) };
}
function checkLocalConfiguration({ keyOrigin, claimRules, localIssuer, apiUrl, secrets, options }) {
  if (localIssuer === "allow") return;
  const keys = options.jwks?.keys ?? [];
  const isLocal = (claimRules.issuers ?? []).some(isLocalIssuer) || keyOrigin.from === "url" && isLocalIssuer(keyOrigin.url) || secrets.m2m_token !== void 0 && isLocalIssuer(apiUrl) || keyOrigin.from === "set" && keys.some((jwk2) => typeof jwk2?.kid === "string" && isLocalKid(jwk2.kid));
  if (!isLocal) return;
  if (localIssuer === "warn") return warnOfLocalIssuer();
  throw new TypeError(
    'the keys or the issuer are those of a local Clerk instance, which is trusted only while NODE_ENV is unset, "development" or "test"; the option "insecureAllowLocalIssuer" lifts that'
  );
}
function warnOfProxy(environment) {
  const name = ["CLERK_PROXY_URL", "CLERK_DOMAIN"].find((one) => variable(environment, one));
  if (name)
    warnOnce(
      "CLERK_AUTH_PROXY",
      `${name} is not read. Where tokens have an issuer of its own, set the option "issuer".`
    );
}
function listOf(value) {
  return typeof value === "string" ? [value] : value;
}

// packages/core/src/token-reader.ts
function readHeader(source) {
  const token = readBearerToken(source);
  return token === void 0 ? void 0 : { token, from: "header" };
}
function headerOrCookieReader({ names, origins }) {
  let known;
  const named = andThen(names, (settled) => known = settled);
  return (source) => readHeader(source) ?? andThen(known ?? named, (names2) => fromCookie(source, names2, origins));
}
function fromCookie(source, names, origins) {
  const token = readSessionCookie(source, names);
  if (token === void 0) return void 0;
  checkOrigin(source, origins);
  return { token, from: "cookie" };
}

// packages/core/src/claims.ts
var MAX_NUMERIC_DATE = 864e10;
function checkClaims(claims, rules, now2) {
  const exp = numericDate(claims, "exp");
  const iat = optionalNumericDate(claims, "iat");
  const nbf = optionalNumericDate(claims, "nbf");
  const iss = text(claims, "iss");
  if (iat > exp || nbf > exp)
    throw new AuthError("token-claim-invalid", { message: "the times of the token contradict one another" });
  if (rules.issuers && !rules.issuers.includes(iss)) throw new AuthError("token-invalid-issuer");
  checkTimes({ exp, iat, nbf }, rules.clockSkewInMs, now2);
  if (rules.authorizedParties) checkAzp(member(claims, "azp"), rules.authorizedParties, rules.missingAzp);
  if (rules.audiences) checkAudience(member(claims, "aud"), rules.audiences);
  return exp;
}
function text(claims, name) {
  const value = member(claims, name);
  if (typeof value === "string" && value !== "") return value;
  throw new AuthError("token-claim-invalid", { message: `claim "${name}" is missing or not a text` });
}
function checkNotBound(claims) {
  if (Object.hasOwn(claims, "cnf")) throw new AuthError("token-binding-unsupported");
}
function optionalNumericDate(claims, name) {
  return member(claims, name) === void 0 ? Number.NEGATIVE_INFINITY : numericDate(claims, name);
}
function numericDate(claims, name) {
  const value = member(claims, name);
  if (typeof value === "number" && value >= 1 && value <= MAX_NUMERIC_DATE) return Math.floor(value) * 1e3;
  throw new AuthError("token-claim-invalid", { message: `claim "${name}" is missing or not a NumericDate` });
}
function checkTimes(times, skew, now2) {
  if (!(times.exp > now2 - skew))
    throw new AuthError("token-expired", {
      message: "the token has expired; if that is said of new ones too, the clock of this server is ahead"
    });
  if (times.nbf > now2 + skew) throw new AuthError("token-not-active-yet");
  if (times.iat > now2 + skew) throw new AuthError("token-iat-in-the-future");
}
function checkAzp(azp, parties, missing) {
  if (azp === void 0 && missing === "allow") return;
  if (!parties.includes(azp)) throw new AuthError("token-invalid-authorized-parties");
}
function checkAudience(aud, audiences) {
  const values = typeof aud === "string" ? [aud] : aud;
  const texts = Array.isArray(values) && values.every((value) => typeof value === "string" && value !== "");
  if (!texts || !values.some((value) => audiences.includes(value))) throw new AuthError("token-invalid-audience");
}

// packages/core/src/machine-auth.ts
function m2mAuth(facts) {
  const { id, subject, scopes, claims, expiresAt } = facts;
  return deepFreeze({
    isAuthenticated: true,
    tokenType: "m2m_token",
    id,
    subject,
    machineId: subject,
    scopes,
    claims,
    expiresAt,
    has: hasNothing
  });
}
function oauthAuth(facts) {
  const { id, subject, clientId, scopes, orgId, audience, actor, expiresAt } = facts;
  return deepFreeze({
    isAuthenticated: true,
    tokenType: "oauth_token",
    id,
    subject,
    userId: subject,
    clientId,
    scopes,
    orgId: typeof orgId === "string" && orgId !== "" ? orgId : void 0,
    audience: audienceOf(audience),
    actor: actor ?? void 0,
    expiresAt,
    has: hasNothing
  });
}
function apiKeyAuth(facts) {
  const { id, subject, name, scopes, claims, expiresAt } = facts;
  return deepFreeze({
    isAuthenticated: true,
    tokenType: "api_key",
    id,
    subject,
    name,
    scopes,
    claims,
    userId: subject.startsWith("user_") ? subject : null,
    orgId: subject.startsWith("org_") ? subject : null,
    expiresAt,
    has: hasNothing
  });
}
function audienceOf(audience) {
  if (typeof audience === "string") return [audience];
  return Array.isArray(audience) && audience.every((one) => typeof one === "string") ? audience : void 0;
}
function deepFreeze(value) {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

// packages/core/src/read-m2m.ts
var REGISTERED = /* @__PURE__ */ new Set(["iss", "sub", "exp", "nbf", "iat", "jti"]);
function m2mReader(rules, machineId) {
  return (claims, now2) => {
    const subject = text(claims, "sub");
    if (!MACHINE_ID.test(subject)) throw new AuthError("token-claim-invalid", { message: 'claim "sub" is no machine' });
    const expiresAt = checkClaims(claims, rules, now2);
    const jti = member(claims, "jti");
    const own = Object.entries(claims).filter(([name]) => !REGISTERED.has(name));
    const auth = m2mAuth({
      id: typeof jti === "string" ? jti : "",
      subject,
      scopes: scopesOf(claims),
      claims: own.length > 0 ? Object.fromEntries(own) : null,
      expiresAt
    });
    checkMachineScope(auth, machineId);
    return auth;
  };
}
function scopesOf(claims) {
  const scopes = member(claims, "scopes");
  if (typeof scopes === "string") return scopes.split(" ").filter((scope) => scope !== "");
  const listed = scopes === void 0 ? member(claims, "aud") : scopes;
  if (typeof listed === "string") return [listed];
  return Array.isArray(listed) && listed.every((one) => typeof one === "string") ? listed : [];
}

// packages/core/src/read-oauth.ts
var USER_ID = /^user_\w+$/;
function oauthReader(rules) {
  return (claims, now2) => {
    const subject = text(claims, "sub");
    if (!USER_ID.test(subject)) throw new AuthError("token-claim-invalid", { message: 'claim "sub" is no user' });
    const clientId = text(claims, "client_id");
    const expiresAt = checkClaims(claims, rules, now2);
    const jti = member(claims, "jti");
    return oauthAuth({
      id: typeof jti === "string" ? jti : "",
      subject,
      clientId,
      scopes: scopesOf2(claims),
      orgId: member(claims, "org_id"),
      audience: member(claims, "aud"),
      actor: member(claims, "act"),
      expiresAt
    });
  };
}
function scopesOf2(claims) {
  const [scp, scope] = [member(claims, "scp"), member(claims, "scope")];
  if (scp !== void 0) return Array.isArray(scp) && scp.every((one) => typeof one === "string") ? scp : [];
  return typeof scope === "string" ? scope.split(" ").filter((one) => one !== "") : [];
}

// packages/core/src/session-auth.ts
function sessionAuth(claims, ids) {
  const { orgId, orgRole, orgSlug, orgPermissions } = activeOrganization(claims);
  const sessionClaims = claims;
  const facts = { orgId, orgRole, orgPermissions, sessionClaims };
  return Object.freeze({
    isAuthenticated: true,
    tokenType: "session_token",
    userId: ids.userId,
    sessionId: ids.sessionId,
    sessionClaims,
    sessionStatus: sessionStatus(claims),
    orgId,
    orgRole,
    orgSlug,
    orgPermissions,
    actor: member(claims, "act") ?? void 0,
    factorVerificationAge: member(claims, "fva") ?? null,
    expiresAt: ids.expiresAt,
    has: Object.freeze((asked) => hasAll(facts, asked))
  });
}
function sessionStatus(claims) {
  const status = member(claims, "sts");
  return status === "active" || status === "pending" ? status : null;
}

// packages/core/src/read-session.ts
function sessionReader(rules, treatPendingAsSignedOut) {
  return (claims, now2) => {
    const userId = text(claims, "sub");
    const sessionId = text(claims, "sid");
    numericDate(claims, "iat");
    const expiresAt = checkClaims(claims, rules, now2);
    if (treatPendingAsSignedOut && sessionStatus(claims) === "pending") throw new AuthError("session-pending");
    return sessionAuth(claims, { userId, sessionId, expiresAt });
  };
}

// packages/core/src/read-template.ts
function templateReader(rules) {
  return (claims, now2) => {
    const userId = text(claims, "sub");
    const expiresAt = checkClaims(claims, rules, now2);
    const jti = member(claims, "jti");
    return Object.freeze({
      isAuthenticated: true,
      tokenType: "jwt_template",
      id: typeof jti === "string" ? jti : "",
      userId,
      claims,
      expiresAt,
      has: hasNothing
    });
  };
}

// packages/core/src/verify-jwt.ts
function jwtVerifier({ keys, localIssuer, clockSkewInMs, clock }, readClaims) {
  return (jws) => andThen(
    keys.find(jws.header.kid),
    (key) => andThen(verifySignature(jws, key), () => {
      const { kid, alg } = jws.header;
      checkNotBound(jws.payload);
      const auth = readClaims(jws.payload, clock.now());
      checkLocalIssuer(localIssuer, kid, text(jws.payload, "iss"));
      return {
        auth,
        kid,
        alg,
        thumbprint: key.thumbprint,
        goodUntil: (auth.expiresAt ?? 0) + clockSkewInMs,
        size: sizeInMemory(auth)
      };
    })
  );
}
function verifySignature({ header, signingInput, signature }, key) {
  const verify2 = key.verifiers.get(header.alg);
  if (!verify2) throw new AuthError("jwk-unsuitable");
  if (signature.length !== key.signatureLength) throw new AuthError("token-invalid-signature");
  return andThen(verify2(signingInput, signature), (valid) => {
    if (!valid) throw new AuthError("token-invalid-signature");
  });
}

// packages/core/src/introspection.ts
function readIntrospection(tokenType, body, now2) {
  if (typeof body !== "object" || body === null || isTooDeep(body)) return void 0;
  const answer = Object.assign(/* @__PURE__ */ Object.create(null), body);
  if (tokenType === "oauth_token" && answer["active"] === false)
    return { active: false, code: "token-inactive", isLasting: true };
  const expiresAt = expiryOf(answer["expiration"]);
  const { revoked, expired, active = true } = answer;
  if (expiresAt === void 0 || ![revoked, expired, active].every((flag) => typeof flag === "boolean"))
    return void 0;
  const auth = READERS[tokenType](answer, expiresAt);
  if (!auth) return void 0;
  if (revoked) return { active: false, code: "token-revoked", isLasting: true };
  if (expired) return { active: false, code: "token-expired", isLasting: true };
  if (expiresAt !== null && !(expiresAt > now2)) return { active: false, code: "token-expired", isLasting: false };
  if (!active) return { active: false, code: "token-inactive", isLasting: true };
  if ("cnf" in answer) return { active: false, code: "token-binding-unsupported", isLasting: true };
  return { active: true, auth };
}
var READERS = {
  m2m_token: (answer, expiresAt) => {
    const { object, id, subject, claims, scopes = [] } = answer;
    if (object !== "machine_to_machine_token" || !isId(id, "mt") || !isSubject(subject, "mch")) return void 0;
    if (!areTexts(scopes) || !scopes.every((scope) => isSubject(scope, "mch"))) return void 0;
    return m2mAuth({ id, subject, scopes, claims: claimsOf(claims), expiresAt });
  },
  oauth_token: (answer, expiresAt) => {
    const { object, id, client_id: clientId, subject, scopes } = answer;
    if (object !== "clerk_idp_oauth_access_token" || !isId(id, "oat") || !isSubject(subject, "user")) return void 0;
    if (!isText3(clientId) || !areTexts(scopes)) return void 0;
    const { org_id: orgId, aud, act } = answer;
    return oauthAuth({ id, subject, clientId, scopes, orgId, audience: aud, actor: act, expiresAt });
  },
  api_key: (answer, expiresAt) => {
    const { object, id, subject, name, claims, scopes } = answer;
    if (object !== "api_key" || !isId(id, "ak") || !isSubject(subject, "user|org|mch")) return void 0;
    if (!isText3(name) || !areTexts(scopes)) return void 0;
    return apiKeyAuth({ id, subject, name, scopes, claims: claimsOf(claims), expiresAt });
  }
};
var SECONDS_BELOW = 1e11;
function expiryOf(expiration) {
  if (expiration === null) return null;
  if (typeof expiration !== "number" || !Number.isFinite(expiration) || expiration <= 0) return void 0;
  return expiration < SECONDS_BELOW ? expiration * 1e3 : expiration;
}
function isId(value, prefix) {
  return isText3(value) && new RegExp(`^${prefix}_[0-9A-Fa-f]{32}$`).test(value);
}
function isSubject(value, prefixes) {
  return isText3(value) && new RegExp(`^(?:${prefixes})_\\w{27}$`).test(value);
}
function isText3(value) {
  return typeof value === "string" && value !== "";
}
function areTexts(value) {
  return Array.isArray(value) && value.every(isText3);
}
function claimsOf(value) {
  return typeof value === "object" && !Array.isArray(value) ? value : null;
}

// packages/core/src/ask-clerk.ts
var ENDPOINTS = {
  m2m_token: { path: "/m2m_tokens/verify", field: "token" },
  oauth_token: { path: "/oauth_applications/access_tokens/verify", field: "access_token" },
  api_key: { path: "/api_keys/verify", field: "secret" }
};
var MAX_BYTES2 = 64 * 1024;
var MAX_RETRY_AFTER_IN_SECONDS = 60;
var LOCAL_INSTANCE = 'a local Clerk instance answers at "apiUrl", which is not trusted in production';
var PASSING = { again: true, isDown: true };
var LASTING = { again: false, isDown: true };
var ANSWERED = { again: false, isDown: false };
async function askClerk({ tokenType, apiUrl, secret, localIssuer = "refuse", fetch, clock }, token, timeoutInMs, signal) {
  const { path, field } = ENDPOINTS[tokenType];
  try {
    const answer = await askForJson(fetch, {
      url: apiUrl + path,
      headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json", Accept: "application/json" },
      body: { [field]: token },
      timeoutInMs,
      maxBytes: MAX_BYTES2,
      signal
    });
    if (isLocalAnswer(answer.headers)) {
      if (localIssuer === "refuse") return unknown("verification-misconfigured", { message: LOCAL_INSTANCE });
      if (localIssuer === "warn") warnOfLocalIssuer();
    }
    return verdictOf(answer, tokenType, clock.now());
  } catch (cause) {
    const failure = cause instanceof RangeError ? ANSWERED : PASSING;
    return unknown("verification-unavailable", { message: "no answer from Clerk", cause }, failure);
  }
}
function verdictOf(answer, tokenType, now2) {
  const { status, json, headers } = answer;
  const message = `Clerk answered ${status}`;
  if (status === 200)
    return readIntrospection(tokenType, json, now2) ?? unknown("verification-unavailable", { message: "the answer has another shape than documented" });
  if (status === 429) return unknown("verification-rate-limited", { message, retryAfter: retryAfterOf(headers) });
  if (status >= 500)
    return unknown("verification-unavailable", { message }, status >= 502 && status <= 504 ? PASSING : LASTING);
  if (isClerkError(json) && !isAboutUs(json)) {
    if (status === 404) return { active: false, code: "token-not-found", isLasting: false };
    if (status === 400 || status === 422) return { active: false, code: "token-malformed", isLasting: false };
  }
  return unknown("verification-misconfigured", { message });
}
function unknown(code, details, failure = ANSWERED) {
  return { active: void 0, code, details: { retryAfter: 1, ...details }, ...failure };
}
function isClerkError(body) {
  const errors = typeof body === "object" && body !== null && "errors" in body ? body.errors : void 0;
  return Array.isArray(errors) && errors.length > 0 && errors.every((error) => typeof error?.code === "string");
}
var ABOUT_US = /_not_enabled$|^(api_version_invalid|host_invalid|instance_not_found|request_body_invalid)$/;
function isAboutUs({ errors }) {
  return errors.some(({ code }) => ABOUT_US.test(code));
}
function retryAfterOf(headers) {
  const seconds = headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,9}$/.test(seconds) ? Math.min(MAX_RETRY_AFTER_IN_SECONDS, Math.max(1, Number(seconds))) : 1;
}

// packages/core/src/breaker.ts
var FAILURES_TO_OPEN = 5;
var MIN_OPEN_IN_MS = 1e3;
var MAX_OPEN_IN_MS = 3e4;
function breakerOf(clock, changed) {
  let failures = 0;
  let open;
  let probe;
  return {
    openForMs: () => {
      if (!open) return 0;
      const left = open.forMs - elapsedSince(open.since, clock);
      if (left > 0) return left;
      return probe && elapsedSince(probe, clock) < MAX_OPEN_IN_MS ? MIN_OPEN_IN_MS : 0;
    },
    asked: () => {
      if (open) probe = instantOf(clock);
    },
    answered: () => {
      if (open) changed(false);
      failures = 0;
      open = void 0;
      probe = void 0;
    },
    failed: () => {
      if (open && !probe) return;
      failures++;
      if (!open && failures < FAILURES_TO_OPEN) return;
      if (!open) changed(true);
      open = { since: instantOf(clock), forMs: Math.min(MAX_OPEN_IN_MS, open ? open.forMs * 2 : MIN_OPEN_IN_MS) };
      probe = void 0;
    }
  };
}

// packages/core/src/budget.ts
var KEPT_FOR_KNOWN = 0.25;
function budgetOf({ perSecond, burst }, clock) {
  let left = burst;
  let since = instantOf(clock);
  const needed = (known) => known ? 1 : Math.min(burst, 1 + burst * KEPT_FOR_KNOWN);
  function refill() {
    left = Math.min(burst, left + Math.max(0, elapsedSince(since, clock)) / 1e3 * perSecond);
    since = instantOf(clock);
  }
  return {
    take: (known) => {
      refill();
      if (left < needed(known)) return false;
      left--;
      return true;
    },
    nextInMs: (known) => {
      refill();
      return perSecond === 0 ? Number.POSITIVE_INFINITY : Math.max(0, (needed(known) - left) / perSecond * 1e3);
    }
  };
}

// packages/core/src/verify-remote.ts
var SHARE_OF_STRANGERS = 0.75;
var GRACE_IN_MS2 = 1e3;
var MISCONFIGURED = "Clerk refuses to verify opaque tokens: check the secret key, the machine secret key and the API URL";
var MIN_ATTEMPT_IN_MS = 100;
function remoteVerifier(options) {
  const { tokenType, rate, policy, verdicts, inFlight, clock, emit, closed } = options;
  const { timeoutInMs = 3e3, retries = 1 } = policy;
  const budget = budgetOf(rate, clock);
  const breaker = breakerOf(clock, (isOpen) => emit({ type: isOpen ? "breaker-opened" : "breaker-closed", tokenType }));
  const counts = { calls: 0, saved: 0, refused: 0, billed: 0 };
  let paused;
  function verify2(token) {
    return andThen(sha256(token), (digest) => {
      const remembered = verdicts.get(digest);
      if (remembered !== void 0) {
        counts.saved++;
        if (typeof remembered === "string") throw new AuthError(remembered);
        return remembered;
      }
      giveUpOverdue();
      const shared = inFlight.calls.get(questionOf(digest));
      if (!shared) return ask(token, digest);
      counts.saved++;
      return answerOf(shared);
    });
  }
  async function answerOf({ overdueAt, verdict }) {
    return judge(
      await withPatience(verdict, overdueAt - clock.monotonic(), () => {
        throw notAsked("verification-unavailable", 1e3);
      })
    );
  }
  function giveUpOverdue() {
    for (const [question, { overdueAt }] of inFlight.calls) {
      if (clock.monotonic() < overdueAt) return;
      inFlight.calls.delete(question);
    }
  }
  function questionOf(digest) {
    return `${verdicts.epoch()} ${digest}`;
  }
  function ask(token, digest) {
    const known = verdicts.isKnown(digest);
    checkMayAsk(known);
    const question = questionOf(digest);
    const overdueAt = clock.monotonic() + timeoutInMs + GRACE_IN_MS2;
    const verdict = attempts(token, known).then((verdict2) => remember(verdict2, digest, question)).finally(() => inFlight.calls.get(question) === call && inFlight.calls.delete(question));
    const call = { overdueAt, verdict };
    inFlight.calls.set(question, call);
    return verdict.then(judge);
  }
  function checkMayAsk(known) {
    const most = known ? inFlight.most : Math.ceil(inFlight.most * SHARE_OF_STRANGERS);
    if (inFlight.calls.size >= most) throw notAsked("verification-unavailable", 1e3);
    if (pausedForMs() > 0) throw notAsked("verification-rate-limited", pausedForMs());
    if (breaker.openForMs() > 0) throw notAsked("verification-unavailable", breaker.openForMs());
    if (!budget.take(known)) throw notAsked("verification-rate-limited", budget.nextInMs(known));
    breaker.asked();
  }
  function pausedForMs() {
    return paused ? paused.forMs - elapsedSince(paused.since, clock) : 0;
  }
  function notAsked(code, waitInMs) {
    counts.refused++;
    emit({ type: "verification-not-asked", tokenType, code });
    return new AuthError(code, { retryAfter: Math.min(60, Math.max(1, Math.ceil(waitInMs / 1e3))) });
  }
  async function attempts(token, known) {
    const since = instantOf(clock);
    for (let left = retries; ; left--) {
      const timeLeft = timeoutInMs - elapsedSince(since, clock);
      counts.calls++;
      const verdict = await askClerk(options, token, timeLeft, closed);
      note(verdict);
      const mayRetry = verdict.active === void 0 && verdict.again && left > 0 && !closed.aborted;
      const hasTime = timeoutInMs - elapsedSince(since, clock) >= MIN_ATTEMPT_IN_MS;
      const isLeftAlone = pausedForMs() > 0 || breaker.openForMs() > 0;
      if (!mayRetry || !hasTime || isLeftAlone || !budget.take(known)) return verdict;
    }
  }
  function note(verdict) {
    emit({ type: "verification-asked", tokenType, outcome: verdict.active ? "passed" : verdict.code });
    if (verdict.active !== void 0) {
      if (tokenType !== "oauth_token") counts.billed++;
      return breaker.answered();
    }
    const { code, details } = verdict;
    if (verdict.isDown) breaker.failed();
    else breaker.answered();
    if (code === "verification-misconfigured") warnOnce("CLERK_AUTH_MISCONFIGURED", `${MISCONFIGURED} (${tokenType})`);
    if (code === "verification-rate-limited") paused = { since: instantOf(clock), forMs: details.retryAfter * 1e3 };
  }
  function remember(verdict, digest, question) {
    if (question !== questionOf(digest)) return verdict;
    if (verdict.active) verdicts.passed(digest, verdict.auth);
    if (verdict.active === false) verdicts.refused(digest, verdict.code, verdict.isLasting);
    return verdict;
  }
  return { verify: verify2, stats: () => ({ ...counts }) };
}
function judge(verdict) {
  if (verdict.active) return verdict.auth;
  throw new AuthError(verdict.code, verdict.active === void 0 ? verdict.details : {});
}

// packages/core/src/verifiers.ts
var RATES = {
  m2m_token: { live: { perSecond: 80, burst: 160 }, test: { perSecond: 80, burst: 160 } },
  api_key: { live: { perSecond: 80, burst: 160 }, test: { perSecond: 80, burst: 160 } },
  oauth_token: { live: { perSecond: 20, burst: 100 }, test: { perSecond: 5, burst: 50 } }
};
var MAX_IN_FLIGHT = 64;
function verifiersOf(parts, remote) {
  const { settings, keys, clock } = parts;
  const { claimRules, keyOrigin, localIssuer, options } = settings;
  const { issuers, audiences, clockSkewInMs } = claimRules;
  const jwtRules = { keys, localIssuer, clockSkewInMs, clock };
  const machineRules = { ...issuers && { issuers }, missingAzp: "reject", clockSkewInMs };
  const oauthRules = { ...machineRules, ...audiences && { audiences } };
  const jwt = keyOrigin.from !== "nowhere" && {
    session_token: jwtVerifier(jwtRules, sessionReader(claimRules, options.treatPendingAsSignedOut ?? true)),
    // Without a machine id it cannot be told whether a token is meant for this service.
    ...options.machineId !== void 0 && {
      m2m_token: jwtVerifier(jwtRules, m2mReader(machineRules, options.machineId))
    },
    oauth_token: jwtVerifier(jwtRules, oauthReader(oauthRules)),
    jwt_template: jwtVerifier(jwtRules, templateReader(claimRules))
  };
  return {
    session_token: { ...jwt && { jwt: jwt.session_token } },
    m2m_token: {
      ...jwt && jwt.m2m_token && { jwt: jwt.m2m_token },
      ...remote.m2m_token && { opaque: machineVerifier(parts, remote.m2m_token) }
    },
    oauth_token: {
      ...jwt && { jwt: jwt.oauth_token },
      ...remote.oauth_token && { opaque: oauthVerifier(remote.oauth_token, audiences) }
    },
    api_key: { ...remote.api_key && { opaque: remote.api_key.verify } },
    jwt_template: { ...jwt && { jwt: jwt.jwt_template } }
  };
}
function remoteVerifiersOf(parts) {
  const { settings, verdicts, clock, fetch, emit, closed } = parts;
  const { apiUrl, secrets, localIssuer, options } = settings;
  const policy = options.remote ?? NOTHING_DECLARED;
  const inFlight = { calls: /* @__PURE__ */ new Map(), most: policy.maxInFlight ?? MAX_IN_FLIGHT };
  const entries = Object.entries(secrets);
  return Object.fromEntries(
    entries.map(([tokenType, secret]) => {
      const rate = rateOf(tokenType, secret, policy.callsPerSecond);
      return [
        tokenType,
        remoteVerifier({
          tokenType,
          apiUrl,
          secret,
          localIssuer,
          rate,
          policy,
          verdicts,
          inFlight,
          fetch,
          clock,
          emit,
          closed
        })
      ];
    })
  );
}
function rateOf(tokenType, secret, callsPerSecond) {
  if (callsPerSecond !== void 0) return { perSecond: callsPerSecond, burst: Math.max(1, 2 * callsPerSecond) };
  return RATES[tokenType][secret.startsWith("sk_test_") ? "test" : "live"];
}
function machineVerifier({ settings, emit }, remote) {
  const { machineSecretKey, machineId } = settings.options;
  if (machineSecretKey !== void 0) return remote.verify;
  let told2 = false;
  return (token) => andThen(remote.verify(token), (auth) => {
    if (machineId !== void 0) checkMachineScope(auth, machineId);
    else if (!told2) {
      told2 = true;
      emit({ type: "machine-scope-unchecked" });
    }
    return auth;
  });
}
function oauthVerifier({ verify: verify2 }, audiences) {
  if (!audiences) return verify2;
  return (token) => andThen(verify2(token), (auth) => {
    checkAudience(auth.audience, audiences);
    return auth;
  });
}

// packages/core/src/clerk-auth.ts
var INTERNALS = /* @__PURE__ */ Symbol.for("clerk-auth.instance");
function createClerkAuth(options = {}, environment = processEnvironment()) {
  const settings = readOptions(options, environment);
  const { now: now2, onEvent, cache = NOTHING_DECLARED } = settings.options;
  const { rememberInMs = 3e4 } = settings.options.remote ?? NOTHING_DECLARED;
  const clock = systemClock(now2);
  const emit = emitter(onEvent);
  const fetch = settings.options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const ended = new AbortController();
  const keys = keySource(settings, { clock, emit, fetch });
  const verified = verifiedCache(cache, clock);
  const verdicts = remoteVerdicts(rememberInMs, cache, clock);
  const parts = { settings, keys, verdicts, clock, fetch, emit, closed: ended.signal };
  const remote = remoteVerifiersOf(parts);
  const readToken = settings.cookies ? headerOrCookieReader(settings.cookies) : readHeader;
  const { authenticate, verify: verify2 } = authenticator(readToken, verifiersOf(parts, remote), keys, verified, emit);
  const acceptedBy = (asked) => asked ? new Set(tokenTypesOf(checkedTypes(asked.acceptsToken))) : settings.accepted;
  const clerk2 = {
    authenticate: async (source, asked) => await authenticate(source, acceptedBy(asked)),
    verifyToken: async (token, asked) => await verify2(token, acceptedBy(asked)),
    warmUp: () => keys.load(),
    get ready() {
      return keys.ready();
    },
    stats: () => ({
      keys: keys.stats(),
      verified: verified.stats(),
      remote: {
        remembered: verdicts.stats(),
        ...Object.fromEntries(Object.entries(remote).map(([tokenType, { stats }]) => [tokenType, stats()]))
      }
    }),
    forget: (what) => {
      if (typeof what === "object" && "token" in what)
        return void andThen(sha256(what.token), (digest) => {
          verified.forget({ digest });
          verdicts.forget({ digest });
        });
      verified.forget(meantBy(what));
      verdicts.forget(what === "all" ? what : meantBy(what));
    },
    close: () => {
      keys.close();
      ended.abort(new Error("closed"));
    }
  };
  const internals = { authenticate, verify: verify2, readToken, settings, emit };
  return Object.freeze(Object.defineProperty(clerk2, INTERNALS, { value: internals }));
}
function checkedTypes(acceptsToken) {
  const verdict = checkAcceptsToken(acceptsToken);
  if (verdict !== true) throw new TypeError(`"acceptsToken" ${verdict}`);
  return acceptsToken;
}
function keySource({ keyOrigin, options }, parts) {
  switch (keyOrigin.from) {
    case "nowhere":
      return staticKeys(/* @__PURE__ */ new Map());
    case "key":
      return singleKey(keyOrigin.key);
    case "set":
      return staticKeys(keyOrigin.set);
    case "url": {
      const { url, headers } = keyOrigin;
      return remoteKeys({ url, headers, policy: options.keys ?? NOTHING_DECLARED, ...parts });
    }
  }
}
function meantBy(what) {
  if (what === "all") return () => true;
  if ("tokenId" in what) return (auth) => Boolean(what.tokenId) && tokenIdOf(auth) === what.tokenId;
  if ("sessionId" in what) return (auth) => "sessionId" in auth && auth.sessionId === what.sessionId;
  if ("machineId" in what) return (auth) => "machineId" in auth && auth.machineId === what.machineId;
  return (auth) => "userId" in auth && auth.userId === what.userId;
}
function tokenIdOf(auth) {
  return auth.tokenType === "session_token" ? auth.sessionClaims.jti : auth.id;
}

// ../../tmp/m/slow.ts
var { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-521" });
var jwk = { ...publicKey.export({ format: "jwk" }), kid: "ins_x", alg: "ES512" };
var clerk = createClerkAuth({ jwks: { keys: [jwk] }, issuer: "https://clerk.example.com" }, {});
var b = (o) => Buffer.from(JSON.stringify(o)).toString("base64url");
var now = Math.floor(Date.now() / 1e3);
var forged = (i) => b({ alg: "ES512", kid: "ins_x", typ: "JWT" }) + "." + b({ sub: "user_" + i, sid: "s", iat: now, exp: now + 600, iss: "https://clerk.example.com" }) + "." + Buffer.concat([Buffer.of(0), randomBytes(65), Buffer.of(0), randomBytes(65)]).toString("base64url");
var tokens = Array.from({ length: 5e3 }, (_, i) => forged(i));
await clerk.authenticate({ headers: { authorization: "Bearer " + forged(-1) } });
var codes = {};
var t0 = performance.now();
var all2 = Promise.all(tokens.map(async (t2) => {
  const a = await clerk.authenticate({ headers: { authorization: "Bearer " + t2 } });
  const c = a.isAuthenticated ? "in" : a.error.code;
  codes[c] = (codes[c] ?? 0) + 1;
}));
await new Promise((r) => setImmediate(r));
var t = performance.now();
await new Promise((r) => lookup("localhost", r));
console.log("5,000 read in ms", (t - t0).toFixed(0), "; a DNS look-up waited ms", (performance.now() - t).toFixed(0));
await all2;
console.log("all answered after ms", (performance.now() - t0).toFixed(0), codes);
