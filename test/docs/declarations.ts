import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A field of a declaration, with its docstring. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly isOptional: boolean
  readonly text: string
}

export interface Declaration {
  readonly text: string
  readonly fields: readonly Field[]
}

/** A member of a union of objects, with the comment before it. */
export interface Member {
  readonly text: string
  readonly fields: readonly Field[]
  /** Names of other types that the member includes. */
  readonly includes: readonly string[]
}

const root = join(import.meta.dirname, '../..')

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true)
}

/** @throws {Error} if the file has no such interface */
export function interfaceOf(path: string, name: string): Declaration {
  const found = parse(path).statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  )
  if (!found) throw new Error(`${path} has no interface ${name}`)
  return { text: docstring(found), fields: fieldsOf(found.members) }
}

/**
 * The fields that a type alias adds to other types.
 *
 * @throws {Error} if the file has no such alias
 */
export function aliasOf(path: string, name: string): Declaration & { readonly type: string } {
  const found = findAlias(path, name)
  const fields = partsOf(found.type).flatMap((part) => (ts.isTypeLiteralNode(part) ? fieldsOf(part.members) : []))
  return { text: docstring(found), type: oneLine(found.type.getText()), fields }
}

/** @throws {Error} if the file has no such union */
export function unionOf(path: string, name: string): readonly Member[] {
  const found = findAlias(path, name)
  if (!ts.isUnionTypeNode(found.type)) throw new Error(`${name} in ${path} is not a union`)
  const members: Member[] = []
  let end = found.name.end
  for (const type of found.type.types) {
    const parts = partsOf(type)
    members.push({
      // A member without a comment of its own belongs to the one before it.
      text: commentBefore(type, end) || (members.at(-1)?.text ?? ''),
      fields: parts.flatMap((part) => (ts.isTypeLiteralNode(part) ? fieldsOf(part.members) : [])),
      includes: parts.flatMap((part) => (ts.isTypeReferenceNode(part) ? [part.typeName.getText()] : [])),
    })
    end = type.end
  }
  return members
}

function findAlias(path: string, name: string): ts.TypeAliasDeclaration {
  const found = parse(path).statements.find(
    (statement): statement is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text === name,
  )
  if (!found) throw new Error(`${path} has no type ${name}`)
  return found
}

function partsOf(type: ts.TypeNode): readonly ts.TypeNode[] {
  if (ts.isParenthesizedTypeNode(type)) return partsOf(type.type)
  return ts.isIntersectionTypeNode(type) ? type.types.flatMap(partsOf) : [type]
}

function fieldsOf(members: ts.NodeArray<ts.TypeElement>): readonly Field[] {
  return members.flatMap((member) => {
    if (!member.name) return []
    return [
      {
        name: member.name.getText(),
        type: typeOf(member),
        isOptional: member.questionToken !== undefined,
        text: docstring(member),
      },
    ]
  })
}

function typeOf(member: ts.TypeElement): string {
  if (ts.isPropertySignature(member)) return oneLine(member.type?.getText() ?? 'unknown')
  if (!ts.isMethodSignature(member)) throw new Error(`not a field: ${member.getText()}`)
  const parameters = member.parameters.map((parameter) => parameter.getText()).join(', ')
  return oneLine(`(${parameters}) => ${member.type?.getText() ?? 'void'}`)
}

function docstring(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
    .join(' ')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/```[\s\S]*?```/g, '')
    .replace(/: (https:\S+)/g, ". See [Clerk's documentation]($1).")
    .replace(/\s+/g, ' ')
    .trim()
}

/** The compiler attaches docstrings to declarations, not to the members of a union. */
function commentBefore(type: ts.TypeNode, end: number): string {
  const between = type.getSourceFile().text.slice(end, type.getStart())
  const comments = [...between.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, text = '']) => text.replace(/^\s*\* ?/gm, ''))
  return comments.join(' ').replace(/\s+/g, ' ').trim()
}

const oneLine = (type: string) =>
  type
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/(?<=[^\s{;,(|&=])\n\s*(?=\n|(?:readonly )?\w+\??:)/g, ', ')
    .replace(/\breadonly /g, '')
    .replace(/OneOrMore<(\w+)>/g, '$1 | $1[]')
    .replace(/;(?= )/g, ',')
    .replace(/\s+/g, ' ')
    .trim()
