namespace Apprentice.Code.Tests;

public sealed class MutatorTests
{
    private static void Check(Language language, string code, string name, params string[] expected)
    {
        Random random = new(1);
        IEnumerable<string> found = Mutator.All(language, code, random.Next).Where(mutation => mutation.Operator == name).Select(mutation => mutation.Code);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_EachOperator_MakesItsFaults()
    {
        Check(Language.Java, "f() { if (a < b) x(); }", MutationOperators.Comparison, "f() { if (a <= b) x(); }", "f() { if (a > b) x(); }");
        Check(Language.Java, "f() { List<String> a = b; }", MutationOperators.Comparison);
        Check(Language.Python, "def f():\n  return a is None", MutationOperators.Comparison, "def f():\n  return a is not None");
        Check(Language.Python, "def f():\n  return a not in b", MutationOperators.Comparison, "def f():\n  return a in b");
        Check(Language.C, "f() { x = a * b - c; }", MutationOperators.Arithmetic, "f() { x = a / b - c; }", "f() { x = a * b + c; }");
        Check(Language.C, "f() { int *p = q; }", MutationOperators.Arithmetic);
        Check(Language.Go, "func f() { g(a && b) }", MutationOperators.Boolean, "func f() { g(a || b) }");
        Check(Language.Go, "func f() { g(a && b) }", MutationOperators.DroppedOperand, "func f() { g(a) }", "func f() { g(b) }");
        Check(Language.Python, "def f():\n  if a and b(1, 2):\n    c()", MutationOperators.DroppedOperand, "def f():\n  if a:\n    c()", "def f():\n  if b(1, 2):\n    c()");
        Check(Language.Python, "def f():\n  if a == b:\n    c()", MutationOperators.NegatedCondition, "def f():\n  if not (a == b):\n    c()");
        Check(Language.CSharp, "void F() { if (a) { b(); } }", MutationOperators.NegatedCondition, "void F() { if (!a) { b(); } }");
        Check(Language.CSharp, "void F() { while (!a) b(); }", MutationOperators.DroppedNegation, "void F() { while (a) b(); }");
        Check(Language.JavaScript, "function f() { return x.slice(0); }", MutationOperators.OffByOne, "function f() { return x.slice(1); }");
        Check(Language.Java, "f() { return a[n - 1]; }", MutationOperators.OffByOne, "f() { return a[n]; }", "f() { return a[n - 2]; }", "f() { return a[n - 0]; }");
        Check(Language.Java, "f() { x(true); }", MutationOperators.WrongConstant, "f() { x(false); }");
        Check(Language.Java, "f(int a, int b) { x(a); }", MutationOperators.WrongVariable, "f(int a, int b) { x(b); }");
        Check(Language.Java, "f() { x(a, b[1]); }", MutationOperators.SwappedArguments, "f() { x(b[1], a); }");
        Check(Language.Python, "def f():\n  return a.x(b.y())", MutationOperators.WrongMember, "def f():\n  return a.y(b.y())", "def f():\n  return a.x(b.x())");
        Check(Language.Python, "def f():\n  return min(a)", MutationOperators.Counterpart, "def f():\n  return max(a)");
        Check(Language.Java, "f() {\n a();\n return 1;\n}", MutationOperators.DroppedStatement, "f() {\n return 1;\n}");
        Check(Language.Python, "def f():\n  a()\n  return 1\n", MutationOperators.DroppedStatement, "def f():\n  return 1\n");
        Check(Language.Python, "def f():\n  for a in b:\n    c()\n", MutationOperators.DroppedStatement);
        Check(Language.Java, "f() {\n if (a == null) {\n return;\n }\n b();\n}", MutationOperators.DroppedCheck, "f() {\n b();\n}");
        Check(Language.Python, "def f():\n  if not a:\n    return\n  b()\n", MutationOperators.DroppedCheck, "def f():\n  b()\n");
        Check(Language.Python, "def f():\n  if a:\n    b()\n  c()\n", MutationOperators.DroppedCheck, "def f():\n  b()\n  c()\n");
        Check(Language.C, "f() {\n for (;;) {\n  break;\n }\n}", MutationOperators.LoopExit, "f() {\n for (;;) {\n }\n}", "f() {\n for (;;) {\n  continue;\n }\n}");
        Check(Language.Java, "f() { return a.b(); }", MutationOperators.WrongReturn, "f() { return null; }");
        Check(Language.Java, "f() {\n for (;;) {\n a();\n }\n return 1;\n}", MutationOperators.EarlyReturn, "f() {\n for (;;) {\n a();\n return 1;\n }\n}");
        Check(Language.Python, "def f():\n  for a in b:\n    c()\n  return 1\n", MutationOperators.EarlyReturn, "def f():\n  for a in b:\n    c()\n    return 1\n");
        Check(Language.Java, "f() {\n a();\n b(1);\n}", MutationOperators.SwappedStatements, "f() {\n b(1);\n a();\n}");
        Check(Language.Java, "f() { a += 1; }", MutationOperators.Assignment, "f() { a = 1; }", "f() { a -= 1; }");
        Check(Language.Python, "def f():\n  if a:\n    b()\n  elif c:\n    d()\n", MutationOperators.DroppedElse, "def f():\n  if a:\n    b()\n  if c:\n    d()\n");
        Check(Language.CSharp, "async Task F() { await G(); }", MutationOperators.DroppedAwait, "async Task F() { G(); }");
    }

    [Fact]
    public void All_Samples_AreLabelledLikeADiffAndStayReadable()
    {
        Random random = new(2);
        foreach ((Language language, string code) in Samples.Functions)
        {
            int count = 0;
            foreach (Mutation mutation in Mutator.All(language, code, random.Next))
            {
                FaultLabels labels = LineDiff.Label(language, mutation.Code, code);
                Assert.Equal(labels.Lines, mutation.FaultyLines);
                Assert.Equal(labels.Insertion, mutation.Insertion);
                Assert.InRange(labels.Lines.Count, 1, 12);
                Assert.True(SyntaxCheck.Check(language, mutation.Code).Ok, $"{language} {mutation.Operator}: {SyntaxCheck.Check(language, mutation.Code)}\n{mutation.Code}");
                // Only a moved return of Python may keep the token sequence: there indentation is the difference.
                Assert.True(
                    mutation.Operator == MutationOperators.EarlyReturn || !NormalForm.Tokens(language, mutation.Code).SequenceEqual(NormalForm.Tokens(language, code)),
                    mutation.Operator);
                count++;
            }

            Assert.True(count > 25, $"{language}: {count} faults");
        }
    }

    [Fact]
    public void Mutate_SameSeed_GivesTheSameFault()
    {
        Mutator mutator = new();
        string code = Samples.Functions[Language.Java];
        Random a = new(5);
        Random b = new(5);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(mutator.Mutate(Language.Java, code, a.Next)!.Code, mutator.Mutate(Language.Java, code, b.Next)!.Code);
        }
    }

    [Fact]
    public void Mutate_Weights_ChooseTheOperators()
    {
        Mutator mutator = new(new MutatorOptions { Weights = new Dictionary<string, double> { [MutationOperators.Comparison] = 3, [MutationOperators.OffByOne] = 1 } });
        Random random = new(3);
        string[] names = [.. Enumerable.Range(0, 400).Select(_ => mutator.Mutate(Language.Go, Samples.Functions[Language.Go], random.Next)!.Operator)];
        Assert.InRange(names.Count(name => name == MutationOperators.Comparison), 260, 340);
        Assert.All(names, name => Assert.True(name is MutationOperators.Comparison or MutationOperators.OffByOne));
    }

    [Fact]
    public void Mutate_NoPlace_GivesNull() => Assert.Null(new Mutator().Mutate(Language.Java, "void f() { }", new Random(1).Next));

    [Fact]
    public void Constructor_BadWeights_NamesEveryProblem()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Mutator(new MutatorOptions { Weights = new Dictionary<string, double> { ["typo"] = 1, [MutationOperators.Boolean] = -1 } }));
        Assert.Contains("'typo'", error.Message);
        Assert.Contains("'boolean'", error.Message);
    }
}
