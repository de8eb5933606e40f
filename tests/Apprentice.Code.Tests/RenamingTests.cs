namespace Apprentice.Code.Tests;

public sealed class RenamingTests
{
    [Fact]
    public void Rename_Samples_KeepTheirShape()
    {
        Random random = new(4);
        foreach ((Language language, string code) in Samples.Functions)
        {
            for (int round = 0; round < 20; round++)
            {
                string view = Renaming.Rename(language, code, random.Next);
                Assert.True(NormalForm.Renamed(language, code).SequenceEqual(NormalForm.Renamed(language, view)), $"{language}: {view}");
                Assert.NotEqual(NormalForm.Tokens(language, code), NormalForm.Tokens(language, view));
                Assert.True(SyntaxCheck.Check(language, view).Ok, view);
                Assert.DoesNotContain("one word", view);
            }
        }
    }

    [Fact]
    public void Rename_MembersKeywordsAndNamedArguments_Stay()
    {
        string view = Renaming.Rename(Language.Python, "def f(name, count):\n    self.count = name\n    return g(name=count, x=f'{name} name')", new Random(1).Next);
        Assert.Contains("self.count", view);
        Assert.Matches(@"g\(name\s?=\s?\w+, ?x", view.Replace("name= ", "name="));
        Assert.Contains(" name'", view);
        Assert.DoesNotContain("{name}", view);
    }

    [Fact]
    public void Rename_ShorthandProperty_Stays()
    {
        string view = Renaming.Rename(Language.JavaScript, "function f(alpha) { return { alpha }; }", new Random(1).Next);
        Assert.Contains("{ alpha }", view.Replace("{alpha}", "{ alpha }"));
    }
}
