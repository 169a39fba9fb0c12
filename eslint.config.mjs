// The rules of the house (docs/architecture.md): who may import whom, and what code may not do.
import stylistic from '@stylistic/eslint-plugin';
import importX from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/** Every wall between two rooms, with the reason a reader sees when a change breaks it. */
const walls = [
  { target: './lib', from: ['./lambda', './rehearsal', './test', './examples', './bench'], message: 'lib is the public API: it imports nothing of the rest' },
  { target: './lib/private/contract.ts', from: './', message: 'contract.ts is the leaf both sides share: it imports nothing' },
  { target: './lambda', from: './lib', except: ['./private/contract.ts'], message: 'lambda imports from lib only private/contract.ts' },
  { target: './lambda', from: ['./rehearsal', './test', './examples', './bench'], message: 'Lambda code knows nothing of rehearsals and tests' },
  { target: './lambda/compatibility', from: ['./lambda/rds', './lambda/mysql', './lambda/tasks', './lambda/migration', './lambda/verification', './lambda/checks'], message: 'compatibility/ is pure: no I/O' },
  { target: './command', from: './lib', except: ['./private/contract.ts'], message: 'the command shares only private/contract.ts with the rest' },
  { target: './command', from: ['./lambda', './rehearsal', './test', './examples', './bench'], message: 'the command shares only private/contract.ts with the rest' },
  { target: './examples', from: ['./lambda', './rehearsal', './test', './lib/private'], message: 'an example uses the public API only' },
];

/** What only one room of lambda/ may import. */
const reserved = [
  { room: 'lambda/rds', group: ['@aws-sdk/client-rds'], message: 'only lambda/rds talks to RDS' },
  { room: 'lambda/mysql', group: ['mysql2', 'mysql2/*', '@aws-sdk/rds-signer', '@aws-sdk/client-secrets-manager'], message: 'only lambda/mysql opens a connection' },
  { room: 'lambda/report', group: ['@aws-sdk/client-s3'], message: 'only lambda/report writes to S3' },
];

/** ESLint replaces a rule's options rather than merge them, so each room has one rule with everything it may not import. */
const reservations = (files, ignores, rules) => ({
  files, ignores, rules: { 'no-restricted-imports': ['error', { patterns: rules.map(({ group, message }) => ({ group, message, allowTypeImports: false })) }] },
});

export default tseslint.config(
  { ignores: ['build', 'dist', 'lambda/dist', 'command/dist', '**/cdk.out', 'node_modules', 'coverage'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@stylistic': stylistic, 'import-x': importX, jsdoc },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js', '.json'] })] },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: walls }],
      'import-x/no-cycle': 'error',
      'import-x/order': ['error', { alphabetize: { order: 'asc' }, groups: ['builtin', 'external', 'parent', 'sibling', 'index'] }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: 'always' }],
      '@stylistic/semi': ['error', 'always'],
      '@stylistic/indent': ['error', 2, { SwitchCase: 1 }],
      '@stylistic/comma-dangle': ['error', 'always-multiline'],
      '@stylistic/eol-last': 'error',
      '@stylistic/no-trailing-spaces': 'error',
      '@stylistic/max-len': ['error', { code: 160, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true }],
      '@stylistic/object-curly-spacing': ['error', 'always'],
      '@stylistic/brace-style': ['error', '1tbs', { allowSingleLine: true }],
      'no-restricted-properties': ['error',
        { object: 'process', property: 'binding', message: 'not a public API' },
      ],
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
    },
  },
  reservations(['lambda/**/*.ts'], reserved.map(({ room }) => `${room}/**`), reserved),
  ...reserved.map(({ room }) => reservations([`${room}/**/*.ts`], [], reserved.filter((other) => other.room !== room))),
  {
    // bundles run on Node 20 in rehearsals and on Node 24 in AWS: nothing newer than Node 20 knows.
    files: ['lambda/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'WebSocket', 'navigator', 'Iterator', 'Float16Array'],
      'no-restricted-properties': ['error', { object: 'Promise', property: 'withResolvers', message: 'not in Node 20' }, { object: 'Promise', property: 'try', message: 'not in Node 20' }],
    },
  },
  {
    // the public API: every sentence a user reads in API.md.
    files: ['lib/*.ts'],
    rules: {
      'jsdoc/require-jsdoc': ['error', { publicOnly: true, checkConstructors: false, require: { ClassDeclaration: true, MethodDefinition: true, FunctionDeclaration: true }, contexts: ['TSInterfaceDeclaration', 'TSPropertySignature', 'TSEnumDeclaration', 'TSEnumMember'] }],
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
