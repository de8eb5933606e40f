using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Apprentice.Testing;

namespace Apprentice.Data.Tests;

public sealed class FaultDatasetTests : IDisposable
{
    private const string Row = """{"id":"a","task":"fault-localization","language":"csharp","code":"x\ny\n","faulty_lines":[2],"source":"s"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"language":"c","code":"x","faulty_lines":[]}""", "key 'id' is missing")]
    [InlineData("""{"id":"a","language":"c","code":null,"faulty_lines":[]}""", "key 'code' is missing or null")]
    [InlineData("""{"id":"a","language":"c","code":"","faulty_lines":[]}""", "key 'code' is empty")]
    [InlineData("""{"id":"a","language":"c","code":"x"}""", "key 'faulty_lines' is missing")]
    [InlineData("""{"id":"a","language":"cobol","code":"x","faulty_lines":[1]}""", "key 'language' is 'cobol'; expected one of java, python")]
    [InlineData("""{"id":"a","language":"c","code":"x\ny","faulty_lines":[3]}""", "names line 3; the code has lines 1 to 2")]
    [InlineData("""{"id":"a","language":"c","code":"x\ny","faulty_lines":[0]}""", "names line 0")]
    [InlineData("""{"id":"a","language":"c","code":"x","faulty_lines":["1"]}""", "faulty_lines")]
    [InlineData("""{"id":"a","language":"c","code":"x","faulty_lines":[1.5]}""", "faulty_lines")]
    [InlineData("""{"id":"a","language":"c","code":"x","faulty_lines":[1],"task":"chess"}""", "key 'task' is 'chess'")]
    [InlineData("""{"id":"a","language":"c","code":"x","faulty_lines":[1],"task":"clean-function"}""", "a clean-function row has none")]
    [InlineData("""{"id":"a","language":"c","code":"x","faulty_lines":[1],"origin":"dream"}""", "key 'origin' is 'dream'")]
    [InlineData("""{"id":"a","language":"c","code":"x","faulty_lines":[1],"provenance":{"model":"m"}}""", "key 'provenance.strategy' is missing")]
    [InlineData("""{"id":"a","language":"c","code":"\ud800","faulty_lines":[1]}""", "key 'code'")]
    [InlineData("""{"id":"a","language":"c","co""", "not the JSON")]
    [InlineData("[1]", "not the JSON")]
    [InlineData("null", "found null")]
    public async Task ReadAsync_BadRow_NamesPathLineAndKey(string row, string expected)
    {
        string path = _folder.Write("bad.jsonl", Row + "\n\n" + row + "\n");
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.ReadAllAsync(path));
        Assert.Equal(3, exception.Line);
        Assert.StartsWith(path + ", line 3: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    public async Task ReadAsync_NoRows_SaysSo(string text)
    {
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.ReadAllAsync(_folder.Write("empty.jsonl", text)));
        Assert.Contains("holds no rows", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_AbsentFile_SaysSo()
    {
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.ReadAllAsync(_folder["absent.jsonl"]));
        Assert.Contains("no such file", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_InvalidUtf8_NamesTheLine()
    {
        string path = _folder["latin1.jsonl"];
        File.WriteAllBytes(path, [.. Encoding.Latin1.GetBytes(Row + "\n" + Row.Replace("\"s\"", "\"é\"") + "\n")]);
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.ReadAllAsync(path));
        Assert.Equal(2, exception.Line);
        Assert.Contains("UTF-8", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_ByteOrderMarkCrLfAndNoLastLineEnd_AreAccepted()
    {
        string path = _folder["windows.jsonl"];
        File.WriteAllText(path, Row + "\r\n" + Row.Replace("\"a\"", "\"b\""), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        List<FaultExample> rows = await FaultDataset.ReadAllAsync(path);
        Assert.Equal(["a", "b"], rows.Select(row => row.Id));
    }

    [Fact]
    public async Task ReadAsync_RowLongerThanTheBuffer_IsRead()
    {
        string code = new('x', 300_000);
        string path = _folder.Write("long.jsonl", Row + "\n" + Row.Replace("x\\ny", code + "\\ny") + "\n" + Row + "\n");
        List<FaultExample> rows = await FaultDataset.ReadAllAsync(path);
        Assert.Equal(3, rows.Count);
        Assert.Equal(code + "\ny\n", rows[1].Code);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public async Task ReadAsync_CutGzip_IsAnErrorNotAShorterFile(double share)
    {
        byte[] whole = Pack(string.Join('\n', Enumerable.Range(0, 5000).Select(i => Row.Replace("\"a\"", $"\"{i * 7919 % 5000}\""))));
        string path = _folder["cut.jsonl.gz"];
        File.WriteAllBytes(path, whole[..(int)(whole.Length * share)]);
        await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.ReadAllAsync(path));
    }

    [Fact]
    public async Task ReadAsync_GzipThatIsNone_SaysSo()
    {
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.ReadAllAsync(_folder.Write("plain.jsonl.gz", Row)));
        Assert.Contains("not packed as its ending says", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_XzThatIsNone_SaysSo()
    {
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.ReadAllAsync(_folder.Write("plain.jsonl.xz", Row)));
        Assert.Contains("not packed as its ending says", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out.jsonl")]
    [InlineData("out.jsonl.gz")]
    [InlineData("sub/out.jsonl")]
    public async Task WriteAsync_ThenRead_GivesTheSameRows(string name)
    {
        FaultExample row = new()
        {
            Id = "ü\u2028</script>😀",
            Language = "python",
            Code = "def f():\r\n\treturn '\\n'\n",
            FaultyLines = [2],
            FixedCode = null,
            Origin = "llm",
            Llm = "claude",
            Insertion = true,
            Provenance = new Provenance { Model = "m", Strategy = "s", PromptHash = "p", RequestHash = "r", ParentId = "q", Demonstrations = ["d1", "d2"] },
        };
        int count = await FaultDataset.WriteAsync(_folder[name], [row, row with { Id = "2", Provenance = null }]);
        List<FaultExample> read = await FaultDataset.ReadAllAsync(_folder[name]);
        Assert.Equal(2, count);
        Assert.Equivalent(row, read[0], strict: true);
        Assert.Null(read[1].Provenance);
    }

    [Fact]
    public async Task WriteAsync_FailingSource_LeavesTheOldFileAndNoOther()
    {
        string path = _folder.Write("kept.jsonl", "old");
        await Assert.ThrowsAsync<InvalidOperationException>(() => FaultDataset.WriteAsync(path, Failing()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["kept.jsonl"], _folder.Names());

        static IEnumerable<FaultExample> Failing()
        {
            yield return new FaultExample { Id = "a", Language = "c", Code = "x" };
            throw new InvalidOperationException("source failed");
        }
    }

    [Fact]
    public async Task WriteAsync_Cancelled_LeavesNoFile()
    {
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FaultDataset.WriteAsync(_folder["x.jsonl"], Rows(), source.Token));
        Assert.Empty(_folder.Names());

        async IAsyncEnumerable<FaultExample> Rows()
        {
            yield return new FaultExample { Id = "a", Language = "c", Code = "x" };
            await source.CancelAsync();
            yield return new FaultExample { Id = "b", Language = "c", Code = "x" };
        }
    }

    [Fact]
    public async Task WriteAsync_HalfASurrogatePair_IsRefusedNotReplaced()
    {
        FaultExample row = new() { Id = "a", Language = "c", Code = "x\ud800y" };
        await Assert.ThrowsAsync<ArgumentException>(() => FaultDataset.WriteAsync(_folder["x.jsonl"], [row]));
        await Assert.ThrowsAsync<ArgumentException>(() => FaultDataset.WriteAsync(_folder["x.jsonl"], [row with { Code = "x\ud83d" }]));
        Assert.Empty(_folder.Names());
    }

    [Fact]
    public async Task WriteAsync_Xz_IsRefused()
    {
        DatasetException exception = await Assert.ThrowsAsync<DatasetException>(() => FaultDataset.WriteAsync(_folder["x.jsonl.xz"], Array.Empty<FaultExample>()));
        Assert.Contains(".gz", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data/fl.real.valid.jsonl.gz", 514)]
    [InlineData("data/fl.mined.valid.jsonl.gz", 408)]
    [InlineData("data/vuln.real.valid.jsonl.gz", 48)]
    [InlineData("data/vuln.llm.claude.jsonl.gz", 474)]
    public async Task ReadThenWrite_PublicData_GivesEqualJson(string name, int rows)
    {
        string original = SharedFiles.Require(name);
        await FaultDataset.WriteAsync(_folder["copy.jsonl"], FaultDataset.ReadAsync(original));
        string[] copied = File.ReadAllLines(_folder["copy.jsonl"]);
        Assert.Equal(rows, copied.Length);
        using StreamReader reader = new(new GZipStream(File.OpenRead(original), CompressionMode.Decompress));
        foreach (string line in copied)
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(reader.ReadLine()!), JsonNode.Parse(line)), line);
        }
    }

    [Fact]
    public async Task ReadAsync_CleanFunctions_AllRowsAreClean()
    {
        int count = 0;
        await foreach (FaultExample row in FaultDataset.ReadAsync(SharedFiles.Require("data/clean.functions.train.jsonl.gz")))
        {
            Assert.Equal("clean-function", row.Task);
            Assert.Empty(row.FaultyLines);
            if (++count == 2000)
            {
                break;
            }
        }

        Assert.Equal(2000, count);
    }

    internal static byte[] Pack(string text)
    {
        using MemoryStream memory = new();
        using (GZipStream gzip = new(memory, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return memory.ToArray();
    }
}
