/** What a started program needs of our environment; everything else it is given. */
export const inheritedEnvironment = { PATH: process.env.PATH ?? '/usr/bin:/bin' }
