export function oneAtATime<T>(lockFile: string, work: () => Promise<T>): Promise<T>
