using System.Diagnostics;

namespace Apprentice.Code.Tests;

/// <summary>What must hold for any text at all.</summary>
public sealed class RobustnessTests
{
    private const string Alphabet = "(){}[]<>\"'`/\\*#@$\n\r \t;:,.=+-!&|?_aif0elsdf\u00e9\u4f60\ud83d\0";

    private static string Mutilate(string text, Random random)
    {
        char[] characters = text.ToCharArray();
        for (int i = random.Next(1, 12); i > 0 && characters.Length > 0; i--)
        {
            characters[random.Next(characters.Length)] = Alphabet[random.Next(Alphabet.Length)];
        }

        string broken = new(characters);
        int cut = random.Next(broken.Length + 1);
        return random.Next(4) switch
        {
            0 => broken[..cut],
            1 => broken[cut..],
            2 => broken[cut..] + broken[..cut],
            _ => broken,
        };
    }

    private static void CheckCover(Language language, string text)
    {
        int at = 0;
        int line = 1;
        int counted = 0;
        foreach (CodeToken token in Lexer.Tokenize(language, text))
        {
            Assert.True(token.Length > 0);
            Assert.True(token.Start >= at);
            foreach (char c in text.AsSpan(at, token.Start - at))
            {
                Assert.True(char.IsWhiteSpace(c) || c == '\uFEFF', $"{language}: '{c}' is in no token");
            }

            line += text.AsSpan(counted, token.Start - counted).Count('\n');
            counted = token.Start;
            Assert.Equal(line, token.Line);
            at = token.End;
        }

        Assert.True(at <= text.Length && text.AsSpan(at).Trim('\uFEFF').IsWhiteSpace());
    }

    [Fact]
    public void EveryMember_MutilatedText_NeverThrows()
    {
        Random random = new(11);
        Mutator mutator = new();
        foreach (Language language in Languages.All)
        {
            int rounds = language == Language.CSharp ? 80 : 250;
            for (int round = 0; round < rounds; round++)
            {
                // Any sample may come as any language.
                string source = Samples.Functions[Languages.All[random.Next(Languages.All.Count)]];
                string text = Mutilate(source, random);
                CheckCover(language, text);
                foreach (CodeFunction found in FunctionFinder.Find(language, text))
                {
                    Assert.InRange(found.Start, 0, found.End - 1);
                    Assert.InRange(found.End, 1, text.Length);
                    Assert.Equal(text.AsSpan(0, found.Start).Count('\n') + 1, found.StartLine);
                    Assert.Equal(text.AsSpan(0, found.End).Count('\n') + 1, found.EndLine);
                }

                SyntaxCheck.Check(language, text);
                Comments.StripTellTale(language, text);
                Comments.StripAll(language, text);
                Renaming.Rename(language, text, random.Next);
                LineDiff.Label(language, text, source);
                mutator.Mutate(language, text, random.Next);
            }
        }
    }

    /// <summary>Shapes at which a careless scanner looks back or ahead again and again.</summary>
    [Fact]
    public void TokenizeAndFind_HostileShapes_TakeLinearTime()
    {
        string[] shapes = ["(", "{", "}", ")", "(/[", "`${", "$\"{", "\"", "'", "/*", "#if\n{", "a<", "f(){", "f(", "x=>{", "def f(:\n", "a:", "[", "@", "\\\n", "R\"a(", "func(", "class a{", "#a /**/", "a(b)c"];
        foreach (Language language in Languages.All)
        {
            foreach (string shape in shapes)
            {
                string text = string.Concat(Enumerable.Repeat(shape, 60_000 / shape.Length));
                Stopwatch watch = Stopwatch.StartNew();
                Lexer.Tokenize(language, text);
                if (language != Language.CSharp)
                {
                    FunctionFinder.Find(language, text);
                }

                Assert.True(watch.Elapsed.TotalSeconds < 2, $"{language} '{shape}': {watch.Elapsed.TotalSeconds} s for {text.Length} characters");
            }
        }
    }

    [Fact]
    public void Languages_NamesAndPaths_AreKnown()
    {
        foreach (Language language in Languages.All)
        {
            Assert.Equal(language, Languages.Parse(language.Name()));
        }

        Assert.Equal(Language.CSharp, Languages.Parse("C#"));
        Assert.Equal(Language.Cpp, Languages.FromPath("a/b.hpp"));
        Assert.Equal(Language.JavaScript, Languages.FromPath("x.TSX"));
        Assert.Null(Languages.FromPath("README.md"));
        Assert.Throws<ArgumentException>(() => Languages.Parse("cobol"));
    }
}
