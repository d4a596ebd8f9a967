"""Words that tell no subject: function words, at which phrases end, and what any abstract says."""

from collections.abc import Iterable

from recommender.text.function_words import FUNCTION_WORDS
from recommender.text.han import folded

PARTING_LETTERS = frozenset("的了和与及其")  # seldom within a word: phrases end there without a segmenter
PARTING_WORDS = """
的 了 和 与 及 以及 其 对 在 是 为 以 从 中 之 于 等 或 而 并 且 将 把 被 所 由 到 至 自 但 又 也 都 则 使
使得 让 这 那 该 本 各 每 个 一个 一种 这些 这种 本文 该文 上 下 内 里 后 前 间 时 之间 之一 其中 其他
中的 对于 关于 由于 因此 因而 从而 进而 此外 同时 然而 但是 并且 或者 不仅 而且 虽然 如何 为了 根据 按照
针对 基于 通过 随着 作为 成为 有 具有 存在 可以 能够 可 能 会 应 已 更 最 较 很 非常 十分 尤其 以来 以上
以下 方面 等方面 既 即 如 因 就 还 给 向 我们
을 를 은 는 이 가 의 에 에서 로 으로 와 과 및 하는 한 하여 위한 대한 통해 있는
a about above after all also although among an and any are as at be because been before being between both
but by can could did do does during each either five for four from further had has have having here how
however i if in into is it its itself may might more moreover most must neither no nor not of off on one
only onto or other our out over per rather same several should since so some such than that the their them
then there thereby therefore these they this those though through three thus to too toward towards under
two until up upon us use used using via was we were what when where whereas whether which while who whose
why will with within without would yet you your
"""
PLAIN_WORDS = """
研究 分析 探讨 讨论 结果 表明 结果表明 研究结果 研究结果表明 研究表明 发现 提出 认为 指出 进行 采用 利用
使用 运用 应用 开展 方法 方式 方案 问题 影响 作用 因素 过程 基础 提供 参考 依据 重要 意义 重要意义 主要
不同 相关 一定 显著 明显 有效 进一步 实现 提高 提升 增加 降低 减少 促进 推动 推进 加强 增强 强化 深化 优化
完善 构建 建立 形成 变化 特征 特点 特色 情况 现状 程度 水平 需要 必须 得到 得出 获得 包括 分别 介绍 总结
比较 对比 阐述 说明 揭示 视角 目的 目标 内容 结合 方向 关键 引发 产生 导致 引起 条件 整体 总体 部分 共同
打造 激发 突出 当前 全面 积极 充分 有助于 有利于 进行研究 为主 区域 文章 背景 探索 注重 实施 重要举措
年 月 日 种 个 次 倍 考察 検討 本研究
able according achieve achieved across addition aim aims al allow allows analyses analysis analyze
analyzed approach approaches article aspects based better case cases common compare compared comparison
conclusion conclusions considered current data demonstrate demonstrated demonstrates describe described
designed different discuss discussed due effect effective effects especially et evaluate evaluated
evidence examine examined example existing experimental experiments explore explored factors find finding
findings first found general given good high higher identified identify impact important improve improved
include included including increase increased indicate indicated introduce investigate investigated
investigation issues key known large larger lead leading less level levels likely low lower main make many
method methods much multiple need new novel number observed obtained often order overall paper papers
particular performance performed point possible potential present presented presents previous problem
problems process propose proposed proposes provide provided provides purpose question questions recent
relevant report reported require required requires research respectively result results reveal revealed
reveals role second set show showed showing shown shows significant significantly similar single small
specific studied studies study suggest suggested suggests support task tasks term terms time total types
understanding useful value values various way ways well whole wide widely work works year years
"""
PARTING = frozenset(PARTING_WORDS.split())
PLAIN = frozenset(folded(PLAIN_WORDS).split())


def parting_words(languages: Iterable[str]) -> frozenset[str]:
    """Return the words that no phrase goes across in texts of some languages.

    >>> "und" in parting_words(["de"]), "und" in parting_words(["en"])
    (True, False)
    """
    return PARTING.union(*(FUNCTION_WORDS.get(language, frozenset()) for language in languages))
