/** What every subject has to do; each returns what it read, so that the runner can check and read it. */
export interface Subject {
  find(id: number): Promise<User>
  /** 100 users: active, older than 30, by name. */
  list(): Promise<readonly User[]>
  insert(user: UserRow): Promise<unknown>
  bulkInsert(users: readonly UserRow[]): Promise<unknown>
  update(id: number, age: number): Promise<unknown>
  /** The first 50 users with their posts and the posts' comments. */
  eager(): Promise<readonly UserWithPosts[]>
  /** 25 users by id, and how many there are. */
  paginate(page: number): Promise<{ readonly items: readonly User[]; readonly total: number }>
  close(): Promise<void>
}

export interface UserRow {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly age: number
  readonly active: boolean
  readonly city: string
  readonly createdAt: Date
}

export type User = Omit<UserRow, never>

export interface UserWithPosts extends User {
  readonly posts: readonly { readonly id: number; readonly title: string; readonly publishedAt: Date; readonly comments: readonly Comment[] }[]
}

interface Comment {
  readonly id: number
  readonly text: string
  readonly createdAt: Date
}

export type Dialect = 'sqlite' | 'postgres'

export const users = 10_000
export const withPosts = 50
export const postsEach = 10
export const commentsEach = 5

const start = Date.UTC(2026, 0, 1)

export function userRow(id: number): UserRow {
  return {
    id,
    name: `User ${String(id).padStart(6, '0')}`,
    email: `user${id}@example.com`,
    age: 18 + (id % 60),
    active: id % 3 !== 0,
    city: ['Hamburg', 'Lyon', 'Porto', 'Graz'][id % 4] as string,
    createdAt: new Date(start + id * 60_000),
  }
}

export function postRow(id: number) {
  return {
    id,
    userId: Math.ceil(id / postsEach),
    title: `Post ${id}`,
    body: 'One owner, full service history. '.repeat(4),
    publishedAt: new Date(start + id * 90_000),
  }
}

export function commentRow(id: number) {
  return { id, postId: Math.ceil(id / commentsEach), text: `Comment ${id}, which says something about the post.`, createdAt: new Date(start + id * 120_000) }
}

/** Reads every field, as an answer's serialisation would; returns a number that must be the same for every subject. */
export function read(user: User): number {
  return user.id + user.name.length + user.email.length + user.age + (user.active ? 1 : 0) + user.city.length + (user.createdAt.getTime() % 1_000_003)
}

export function readTree(list: readonly UserWithPosts[]): number {
  let sum = 0
  for (const user of list) {
    sum += read(user)
    for (const post of user.posts) {
      sum += post.id + post.title.length + (post.publishedAt.getTime() % 1_000_003)
      for (const comment of post.comments) sum += comment.id + comment.text.length + (comment.createdAt.getTime() % 1_000_003)
    }
  }
  return sum
}
