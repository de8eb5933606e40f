using System.Text;
using System.Text.Json;
using Apprentice.Testing;

namespace Apprentice.Tokenizers.Tests;

/// <summary>Equality with the original library (tokenizers 0.23) on every string of golden/tokenizers.</summary>
public sealed class GoldenTokenizerTests
{
    public static TheoryData<string> Names => ["roberta-bpe", "gpt2-real", "llama3-bpe"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_EveryGoldenString_EqualsOriginal(string name)
    {
        string folder = SharedFiles.Require($"golden/tokenizers/{name}");
        ByteLevelBpe tokenizer = ByteLevelBpe.Load(folder);
        ByteLevelBpe prefixed = new(tokenizer.Vocabulary with { AddPrefixSpace = true });
        string[] texts = Texts();
        List<string> wrong = [];
        int cases = 0;
        foreach (JsonElement expected in Cases(Path.Combine(folder, "expected.json")))
        {
            cases++;
            string text = texts[expected.GetProperty("i").GetInt32()];
            EncodeOptions parsed = new() { SpecialTokenText = SpecialTokenText.Parsed, AddSpecialTokens = false };
            TokenizedText tokens = tokenizer.Encode(text, parsed);
            int[] ids = Numbers(expected, "ids")!;
            Compare("ids", ids, tokens.Ids);
            Compare("offsets", Numbers(expected, "offsets")!, CodePointOffsets(text, tokens));
            Compare("with_special", Numbers(expected, "with_special")!, tokenizer.Encode(text, parsed with { AddSpecialTokens = true }).Ids);
            Compare("special_as_text", Numbers(expected, "special_as_text") ?? ids, tokenizer.Encode(text, EncodeOptions.Plain).Ids);
            if (name == "roberta-bpe")
            {
                Compare("add_prefix_space", Numbers(expected, "add_prefix_space") ?? ids, prefixed.Encode(text, parsed).Ids);
            }

            string decoded = Text(expected, "decoded") ?? text;
            Equal("decoded", decoded, tokenizer.Decode(ids));
            Equal("decoded_skip_special", Text(expected, "decoded_skip_special") ?? decoded, tokenizer.Decode(ids, skipSpecialTokens: true));

            void Compare(string what, int[] want, int[] got) => Equal(what, string.Join(' ', want), string.Join(' ', got));

            void Equal(string what, string want, string got)
            {
                if (want != got)
                {
                    wrong.Add($"{expected.GetProperty("i")} {what} of {JsonSerializer.Serialize(text)}:\n  want {want}\n  got  {got}");
                }
            }
        }

        Assert.Equal(326, cases);
        Assert.True(wrong.Count == 0, $"{wrong.Count} differ:\n{string.Join('\n', wrong.Take(10))}");
    }

    [Theory]
    [InlineData("roberta-bpe")]
    [InlineData("llama3-bpe")]
    public void EncodePair_EveryGoldenPair_EqualsOriginal(string name)
    {
        string folder = SharedFiles.Require($"golden/tokenizers/{name}");
        ByteLevelBpe tokenizer = ByteLevelBpe.Load(folder);
        int cases = 0;
        foreach (JsonElement expected in Cases(Path.Combine(folder, "pairs.json")))
        {
            cases++;
            string a = expected.GetProperty("a").GetString()!;
            EncodeOptions options = new() { SpecialTokenText = SpecialTokenText.Parsed };
            int stride = 0;
            if (expected.GetProperty("truncation") is { ValueKind: JsonValueKind.Array } cut)
            {
                stride = cut[2].GetInt32();
                options = options with
                {
                    MaximumLength = cut[1].GetInt32(),
                    Truncation = cut[0].GetString() switch { "only_first" => Truncation.OnlyFirst, "only_second" => Truncation.OnlySecond, _ => Truncation.LongestFirst },
                };
            }

            if (expected.TryGetProperty("windows", out JsonElement windows))
            {
                IReadOnlyList<TokenizedText> got = tokenizer.EncodeWindows(a, stride, options);
                Assert.Equal(windows.GetArrayLength(), got.Count);
                foreach ((JsonElement window, TokenizedText tokens) in windows.EnumerateArray().Zip(got))
                {
                    Assert.Equal(Numbers(window, "ids"), tokens.Ids);
                    Assert.Equal(Numbers(window, "offsets"), CodePointOffsets(a, tokens));
                }

                continue;
            }

            string b = expected.GetProperty("b").GetString()!;
            if (expected.TryGetProperty("error", out _))
            {
                Assert.Throws<ArgumentException>(() => tokenizer.EncodePair(a, b, options));
                continue;
            }

            TokenizedText pair = tokenizer.EncodePair(a, b, options);
            Assert.Equal(Numbers(expected, "ids"), pair.Ids);
            Assert.Equal(Numbers(expected, "type_ids"), pair.Types);
            Assert.Equal(Numbers(expected, "special_mask"), pair.Special.Select(s => s ? 1 : 0));
        }

        Assert.Equal(26, cases);
    }

    [Fact]
    public void Decode_BrokenUtf8_EqualsOriginal()
    {
        string folder = SharedFiles.Require("golden/tokenizers/roberta-bpe");
        ByteLevelBpe tokenizer = ByteLevelBpe.Load(folder);
        foreach (JsonElement expected in Cases(Path.Combine(folder, "decode.json")))
        {
            int[] ids = Numbers(expected, "ids")!;
            Assert.Equal(expected.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
            int length = 1;
            foreach (JsonElement prefix in expected.GetProperty("prefixes").EnumerateArray())
            {
                Assert.Equal(prefix.GetString(), tokenizer.Decode(ids.AsSpan(0, length++)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Save_ThenLoad_GivesTheSameTokens(string name)
    {
        ByteLevelBpe original = ByteLevelBpe.Load(SharedFiles.Require($"golden/tokenizers/{name}"));
        string folder = Directory.CreateTempSubdirectory("tokenizer").FullName;
        try
        {
            original.Save(folder);
            ByteLevelBpe copy = ByteLevelBpe.Load(folder);
            Assert.Equal(original.VocabularySize, copy.VocabularySize);
            EncodeOptions parsed = new() { SpecialTokenText = SpecialTokenText.Parsed };
            foreach (string text in Texts())
            {
                TokenizedText want = original.Encode(text, parsed);
                TokenizedText got = copy.Encode(text, parsed);
                Assert.Equal(want.Ids, got.Ids);
                Assert.Equal(want.Starts, got.Starts);
                Assert.Equal(want.Ends, got.Ends);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static string[] Texts()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Require("golden/tokenizers/strings.json")));
        return [.. document.RootElement.EnumerateArray().Select(s => s.GetProperty("text").GetString()!)];
    }

    private static List<JsonElement> Cases(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.Clone())];
    }

    private static int[]? Numbers(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(n => n.GetInt32())] : null;

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;

    /// <summary>Spans flattened and counted in code points, as the golden files have them.</summary>
    private static int[] CodePointOffsets(string text, TokenizedText tokens)
    {
        var codePoint = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out _, out int width);
            codePoint.AsSpan(i, width).Fill(count++);
            i += width;
        }

        codePoint[text.Length] = count;
        return [.. tokens.Starts.Zip(tokens.Ends).SelectMany(s => new[] { codePoint[s.First], codePoint[s.Second] })];
    }
}
