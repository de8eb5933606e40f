using System.IO.Compression;
using System.Text.Json.Nodes;
using Apprentice.Testing;

namespace Apprentice.Data.Tests;

public sealed class CloneDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"id":"a","language_a":"c","language_b":"c","code_a":"x","code_b":"y","label":2}""", "key 'label' is 2")]
    [InlineData("""{"id":"a","language_a":"c","language_b":"c","code_a":"x","code_b":"y"}""", "key 'label' is missing")]
    [InlineData("""{"id":"a","language_a":"c","language_b":"c","code_a":"x","label":1}""", "key 'code_b' is missing")]
    [InlineData("""{"id":"a","language_a":"c","language_b":"D","code_a":"x","code_b":"y","label":1}""", "key 'language_b' is 'D'")]
    public async Task ReadAsync_BadRow_NamesLineAndKey(string row, string expected)
    {
        string path = _folder.Write("bad.jsonl", row);
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => CloneDataset.ReadAllAsync(path));
        Assert.StartsWith(path + ", line 1: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data/clone.bigclonebench-nc.test.jsonl.gz", 762)]
    [InlineData("data/clone.llm.claude.jsonl.gz", 2384)]
    public async Task ReadThenWrite_PublicData_GivesEqualJson(string name, int rows)
    {
        string original = SharedFiles.Require(name);
        await CloneDataset.WriteAsync(_folder["copy.jsonl"], CloneDataset.ReadAsync(original));
        string[] copied = File.ReadAllLines(_folder["copy.jsonl"]);
        Assert.Equal(rows, copied.Length);
        using StreamReader reader = new(new GZipStream(File.OpenRead(original), CompressionMode.Decompress));
        foreach (string line in copied)
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(reader.ReadLine()!), JsonNode.Parse(line)), line);
        }
    }

    [Fact]
    public async Task CorpusReader_XzShard_ReadsEveryFile()
    {
        int count = 0;
        await foreach (CorpusFile file in CorpusReader.ReadAsync(SharedFiles.Require("data/corpus.python.2.jsonl.xz")))
        {
            Assert.Equal("python", file.Language);
            Assert.NotEmpty(file.Text);
            Assert.NotNull(file.Commit);
            count++;
        }

        Assert.Equal(62, count);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public async Task CorpusReader_CutXz_IsAnErrorNotAShorterFile(double share)
    {
        byte[] whole = File.ReadAllBytes(SharedFiles.Require("data/corpus.python.2.jsonl.xz"));
        string path = _folder["cut.jsonl.xz"];
        File.WriteAllBytes(path, whole[..(int)(whole.Length * share)]);
        await Assert.ThrowsAsync<DatasetException>(async () =>
        {
            await foreach (CorpusFile _ in CorpusReader.ReadAsync(path))
            {
            }
        });
    }

    [Fact]
    public async Task DatasetHash_KnownContent_GivesItsSha256()
    {
        string path = _folder.Write("abc.txt", "abc");
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", await DatasetHash.OfFileAsync(path));
        await Assert.ThrowsAsync<DatasetException>(() => DatasetHash.OfFileAsync(_folder["absent"]));
    }
}
