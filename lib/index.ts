export * from './blue-green-pipeline';
export * from './blue-green-source';
export * from './comparison';
export * from './database-access';
export * from './migration';
export * from './parameter-groups';
export * from './switchover-window';
