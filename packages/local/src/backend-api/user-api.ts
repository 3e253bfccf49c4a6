import { activitiesOf } from '../people/activity.js'
import { jsonAnswer } from '../api/answer.js'
import type { Community } from '../people/community.js'
import { removeUser } from '../people/departures.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal, unknownReference } from '../api/errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import { refuseMetadata } from './metadata-by-version.js'
import { lockoutEnd } from '../people/ban.js'
import { METADATA_FIELD, mergeMetadata, replaceMetadata, type MetadataChange } from '../people/metadata.js'
import { inOrder, orderField } from './order.js'
import { PAGE_FIELDS, pageOf } from './page.js'
import { CREATE_USER_FIELDS, UPDATE_USER_FIELDS, emailAddressesOf, phoneNumbersOf, userChanges } from './user-fields.js'
import { USER_FILTER_FIELDS, USER_SORT_KEYS, matches, type Candidate, type UserFilter } from './user-filter.js'
import { newUser, userJson, type Identification, type User } from '../people/user.js'

/** The users of the instance. */
export function userApi(community: Community): readonly Endpoint[] {
  const { directory, sessions, now } = community
  const { users, memberships } = directory
  const path = '/v1/users'
  const answerOf = (user: User) => jsonAnswer(userJson(user, sessions.activityOf(user.id), now()))

  function find(asked: UserFilter): readonly Candidate[] {
    const activityOf = activitiesOf(sessions.all())
    const organizationIds = organizationIdsByUser()
    return users
      .all()
      .map((user) => ({
        user,
        activity: activityOf(user.id),
        createdAt: user.createdAt,
        organizationIds: organizationIds.get(user.id) ?? [],
      }))
      .filter((candidate) => matches(asked, candidate))
  }

  function organizationIdsByUser(): ReadonlyMap<string, readonly string[]> {
    const ids = new Map<string, string[]>()
    for (const { userId, organizationId } of memberships.all()) {
      const own = ids.get(userId)
      if (own) own.push(organizationId)
      else ids.set(userId, [organizationId])
    }
    return ids
  }

  /** @throws {Refusal} */
  function userOf({ params: { user_id: id = '' } }: EndpointRequest): User {
    const user = users.byId(id)
    if (!user) throw userNotFound(id)
    return user
  }

  function metadataEndpoint(operation: string, method: Endpoint['method'], change: MetadataChange): Endpoint {
    return {
      operation,
      method,
      path: `${path}/:user_id/metadata`,
      async answer(request) {
        const body = await readBodyFields(request, METADATA_FIELDS, { strict: true })
        const user = userOf(request)
        return answerOf(
          users.set({
            ...user,
            publicMetadata: change('public_metadata', user.publicMetadata, body.public_metadata),
            privateMetadata: change('private_metadata', user.privateMetadata, body.private_metadata),
            unsafeMetadata: change('unsafe_metadata', user.unsafeMetadata, body.unsafe_metadata),
            updatedAt: now(),
          }),
        )
      },
    }
  }

  return [
    {
      operation: 'GetUserList',
      method: 'GET',
      path,
      answer(request) {
        const { limit, offset, order_by: order, ...asked } = readQueryFields(request, LIST_FIELDS)
        const { page } = pageOf(inOrder(find(asked), USER_SORT_KEYS, order), limit, offset)
        return jsonAnswer(page.map(({ user, activity }) => userJson(user, activity, now())))
      },
    },
    {
      operation: 'GetUsersCount',
      method: 'GET',
      path: `${path}/count`,
      answer: (request) =>
        jsonAnswer({ object: 'total_count', total_count: find(readQueryFields(request, USER_FILTER_FIELDS)).length }),
    },
    {
      operation: 'CreateUser',
      method: 'POST',
      path,
      async answer(request) {
        const body = await readBodyFields(request, CREATE_USER_FIELDS, { strict: true })
        const emailAddresses = emailAddressesOf(body, users, now())
        const phoneNumbers = phoneNumbersOf(body, users, now())
        const blank = newUser(now())
        const changes = userChanges(body, users, blank.id)
        const name = changes.username ?? [...emailAddresses, ...phoneNumbers][0]?.value
        if (name === undefined)
          throw new Refusal(
            'form_data_missing',
            '["email_address"] data doesn\'t match user requirements set for this instance',
            'email_address',
          )
        return answerOf(
          users.set({
            ...blank,
            name,
            emailAddresses,
            phoneNumbers,
            primaryEmailAddressId: emailAddresses[0]?.id ?? null,
            primaryPhoneNumberId: phoneNumbers[0]?.id ?? null,
            ...changes,
            ...(body.banned && { bannedAt: now() }),
            ...(body.locked && { lockedUntil: lockoutEnd(now()) }),
          }),
        )
      },
    },
    {
      operation: 'GetUser',
      method: 'GET',
      path: `${path}/:user_id`,
      answer: (request) => answerOf(userOf(request)),
    },
    {
      operation: 'UpdateUser',
      method: 'PATCH',
      path: `${path}/:user_id`,
      async answer(request) {
        const body = await readBodyFields(request, UPDATE_USER_FIELDS, { strict: true })
        refuseMetadata(request, body)
        const user = userOf(request)
        const { primary_email_address_id: email, primary_phone_number_id: phone } = body
        return answerOf(
          users.set({
            ...user,
            ...userChanges(body, users, user.id),
            ...(email && { primaryEmailAddressId: primaryOf('email_address', email, user.emailAddresses) }),
            ...(phone && { primaryPhoneNumberId: primaryOf('phone_number', phone, user.phoneNumbers) }),
            updatedAt: now(),
          }),
        )
      },
    },
    {
      operation: 'DeleteUser',
      method: 'DELETE',
      path: `${path}/:user_id`,
      answer(request) {
        const { id, externalId } = userOf(request)
        removeUser(community, id)
        return jsonAnswer({
          object: 'user',
          id,
          deleted: true,
          ...(externalId !== null && { external_id: externalId }),
        })
      },
    },
    metadataEndpoint('UpdateUserMetadata', 'PATCH', mergeMetadata),
    metadataEndpoint('ReplaceUserMetadata', 'PUT', replaceMetadata),
  ]
}

export function userNotFound(id: string): Refusal {
  return new Refusal('resource_not_found', `No user was found with id ${id}`)
}

/** @throws {Refusal} if it does not belong to the user, or is not verified */
function primaryOf(kind: 'email_address' | 'phone_number', id: string, own: readonly Identification[]): string {
  const found = own.find((identification) => identification.id === id)
  if (found?.verified) return id
  const name = `primary_${kind}_id`
  if (found)
    throw new Refusal('form_param_value_invalid', `${name} must refer to a verified ${kind.replace('_', ' ')}`, name)
  throw unknownReference(name)
}

const LIST_FIELDS = {
  ...USER_FILTER_FIELDS,
  ...PAGE_FIELDS,
  order_by: orderField(USER_SORT_KEYS),
} as const

const METADATA_FIELDS = {
  public_metadata: METADATA_FIELD,
  private_metadata: METADATA_FIELD,
  unsafe_metadata: METADATA_FIELD,
} as const
