namespace Apprentice.Code.Tests;

public sealed class NormalFormTests
{
    [Fact]
    public void Tokens_CommentsAndDocumentationStrings_AreGone()
    {
        Assert.Equal(["a", "=", "1", ";"], NormalForm.Tokens(Language.Java, "/* x */ a = 1; // y"));
        Assert.Equal(["def", "f", "(", ")", ":", "return", "'x'"], NormalForm.Tokens(Language.Python, "def f():\n  'doc'\n  return 'x' # c"));
        Assert.Equal(["#define", "A", "1", "x"], NormalForm.Tokens(Language.C, "#define  A \\\n 1\nx"));
    }

    [Fact]
    public void Renamed_NumbersNamesByFirstUse() =>
        Assert.Equal(["$1", "=", "$2", "+", "$1", "*", "0", "+", "\"\""], NormalForm.Renamed(Language.Java, "a = b + a * 42 + \"s\""));

    [Fact]
    public void Overlap_AndJaccard_CountMultiples()
    {
        Assert.Equal(0.5, NormalForm.Overlap(["a", "a", "b", "c"], ["a", "b"]));
        Assert.Equal(0.5, NormalForm.Jaccard(["a", "a", "b", "c"], ["a", "b"]));
        Assert.Equal(1, NormalForm.Overlap([], []));
        Assert.Equal(0, NormalForm.Jaccard(["a"], ["b"]));
    }

    [Theory]
    [InlineData("int f(int a) { return a + 1; }", "int f(int a){return a+1; /* c */}", "T1")]
    [InlineData("int f(int a) { return a + 1; }", "int g(int b) { return b + 2; }", "T2")]
    [InlineData("int f(int a) { return a + 1; }", "int f(int a) { a++; return a + 1; }", "T3")]
    [InlineData("int f(int a) { return a + 1; }", "void main(String[] args) { System.out.println(\"x\"); }", "T4")]
    public void Of_EachType_IsTold(string a, string b, string expected) => Assert.Equal(expected, CloneType.Of(Language.Java, a, b));

    [Fact]
    public void StripTellTale_RemovesOnlyTellingComments()
    {
        Assert.Equal("a();\nb(); // adds one", Comments.StripTellTale(Language.Java, "a(); // BUG: off by one\n// TODO check\nb(); // adds one"));
        Assert.Equal("x = 1 # the default prefix", Comments.StripTellTale(Language.Python, "x = 1 # the default prefix"));
        Assert.Equal("s = \"// bug\";", Comments.StripAll(Language.Java, "s = \"// bug\"; // bug"));
        Assert.Equal("a b", Comments.StripAll(Language.C, "a/* x */b"));
        Assert.Equal("a\nb", Comments.StripAll(Language.C, "a\n/* x\n y */\nb"));
    }
}
