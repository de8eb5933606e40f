namespace Apprentice.Llm.Tests;

public sealed class AnswerStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Add_ThenFindFromAnotherStore_GivesTheSameAnswer()
    {
        ChatRequest request = BatchFileTests.Requests(1).Single();
        ChatAnswer answer = new() { RequestHash = request.Hash, Text = "ü\0\n", Model = "m", InputTokens = 3, FinishReason = "length", Raw = "{}" };
        using AnswerStore first = AnswerStore.Open(_folder["sub/answers.db"]);
        using AnswerStore second = AnswerStore.Open(_folder["sub/answers.db"]);
        Assert.True(first.Add(request, answer));
        Assert.Equal(answer, second.Find(request.Hash));
        Assert.False(second.Add(request, answer with { Text = "other" }));
        Assert.Equal(answer, first.Find(request.Hash));
        Assert.Null(first.Find("unknown"));
        Assert.Equal(1, first.Count);
    }

    [Fact]
    public void Add_AnswerToAnotherRequest_IsRefused()
    {
        using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
        Assert.Throws<ArgumentException>(() => store.Add(BatchFileTests.Requests(1).Single(), new ChatAnswer { RequestHash = "x", Text = "", Model = "m" }));
    }

    [Fact]
    public void Open_FileOfAnotherKind_SaysSo()
    {
        File.WriteAllText(_folder["answers.db"], new string('x', 5000));
        LlmException exception = Assert.Throws<LlmException>(() => AnswerStore.Open(_folder["answers.db"]));
        Assert.Equal(LlmProblem.Configuration, exception.Problem);
    }

    [Fact]
    public async Task Add_ManyWritersOnOneFile_LosesNothing()
    {
        ChatRequest[] requests = [.. BatchFileTests.Requests(120)];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            using AnswerStore store = AnswerStore.Open(_folder["answers.db"]);
            foreach (ChatRequest request in requests.Skip(writer * 20).Take(60))
            {
                store.Add(request, new ChatAnswer { RequestHash = request.Hash, Text = request.CustomId, Model = "m" });
            }
        })));
        using AnswerStore all = AnswerStore.Open(_folder["answers.db"]);
        Assert.Equal(120, all.Count);
        Assert.All(requests, request => Assert.Equal(request.CustomId, all.Find(request.Hash)!.Text));
    }
}
