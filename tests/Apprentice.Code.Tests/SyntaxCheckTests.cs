namespace Apprentice.Code.Tests;

public sealed class SyntaxCheckTests
{
    [Fact]
    public void Check_Samples_AreOk()
    {
        foreach ((Language language, string code) in Samples.Functions)
        {
            Assert.Equal(new SyntaxVerdict(true), SyntaxCheck.Check(language, code));
        }
    }

    [Theory]
    [InlineData(Language.Java, "int f() {\n return (1;\n}", 3)]
    [InlineData(Language.Java, "f(\"open);", 1)]
    [InlineData(Language.Java, "f(); }", 1)]
    [InlineData(Language.C, "a();\n/* open", 2)]
    [InlineData(Language.Go, "x := `open", 1)]
    [InlineData(Language.JavaScript, "f([1, 2);", 1)]
    [InlineData(Language.Python, "def f():\nreturn 1", 2)]
    [InlineData(Language.Python, "x = 1\n    y = 2", 2)]
    [InlineData(Language.Python, "if a\n    b()", 1)]
    [InlineData(Language.Python, "if a:\n        b()\n    c()", 3)]
    [InlineData(Language.Python, "s = 'open", 1)]
    [InlineData(Language.CSharp, "int F()\n{\n    return 1\n}", 3)]
    [InlineData(Language.CSharp, "void F() { if (x { } }", 1)]
    [InlineData(Language.CSharp, "", 1)]
    public void Check_BrokenText_NamesTheLine(Language language, string code, int line)
    {
        SyntaxVerdict verdict = SyntaxCheck.Check(language, code);
        Assert.False(verdict.Ok);
        Assert.NotNull(verdict.Problem);
        Assert.Equal(line, verdict.Line);
    }

    [Theory]
    [InlineData("using System;\nclass A { void F() { } }")]
    [InlineData("int x = 1;\nConsole.WriteLine(x);")]
    [InlineData("public A(int x) : base(x) { }")]
    public void Check_CSharpFragments_AreOk(string code) => Assert.True(SyntaxCheck.Check(Language.CSharp, code).Ok);
}
